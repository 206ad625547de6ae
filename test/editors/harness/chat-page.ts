// The chat view as a user sees it, in VS Code's sidebar or in a browser tab: found by roles and labels alone.
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { until } from './until.ts';

/** Lives as long as the page that it looks at. */
export class ChatPage {
  readonly #root: Page | FrameLocator;

  constructor(root: Page | FrameLocator) {
    this.#root = root;
  }

  get composer(): Locator {
    return this.#root.getByRole('textbox', { name: 'Your question' });
  }
  get stopButton(): Locator {
    return this.#root.getByRole('button', { name: 'Stop', exact: true });
  }
  get answers(): Locator {
    return this.#root.getByRole('article', { name: 'Answer' });
  }
  get questions(): Locator {
    return this.#root.getByRole('article', { name: 'You' });
  }

  async ask(question: string): Promise<void> {
    await this.composer.fill(question);
    await this.#root.getByRole('button', { name: 'Send' }).click();
    // Until it is taken, the view looks as if everything were settled.
    await until('the question taken', async () => (await this.composer.inputValue()) === '');
  }

  /** The last answer, once it holds a text. */
  async answerWith(text: string): Promise<Locator> {
    const answer = this.answers.last();
    await answer.getByText(text).first().waitFor();
    return answer;
  }

  /** Waits until nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#root.getByRole('button', { name: 'Send' }).waitFor();
  }

  async newChat(): Promise<void> {
    await this.#root.getByRole('button', { name: 'New chat', exact: true }).last().click();
    const hasFocus = () => this.composer.evaluate((element) => element.matches(':focus'));
    await until('the focus in the composer', hasFocus); // it would take it from what is opened next
  }

  /** By keyboard: the first mode that begins with its letter. */
  async chooseMode(title: string): Promise<void> {
    await this.#root.getByRole('button', { name: /^Mode: / }).click();
    const list = this.#root.getByRole('listbox', { name: 'Modes' });
    await list.press(title.charAt(0).toLowerCase());
    await list.press('Enter');
    await this.#root.getByRole('button', { name: `Mode: ${title}` }).waitFor();
  }
}
