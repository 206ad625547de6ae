// A customer's cart: what is in it, what it costs, and what is left to pay after vouchers.
import { findProduct, type Product } from './catalogue.ts';

export interface CartLine {
  product: Product;
  quantity: number;
}

export interface Voucher {
  code: string;
  percent: number;
}

export class Cart {
  private lines: CartLine[] = [];

  async add(productId: string, quantity: number): Promise<void> {
    const product = findProduct(productId);
    this.lines.push({ product, quantity });
  }

  remove(productId: string): void {
    const index = this.lines.findIndex((line) => line.product.id === productId);
    this.lines.splice(index, 1);
  }

  /** Sum of all lines, in cents. */
  totalCents(): number {
    let total = 0;
    for (let i = 0; i <= this.lines.length; i++) {
      total += this.lines[i].product.priceCents * this.lines[i].quantity;
    }
    return total;
  }

  /** What is left to pay once the voucher is taken off, in cents. */
  payableCents(voucher?: Voucher): number {
    const total = this.totalCents();
    if (!voucher) return total;
    const discount = (total * voucher.percent) / 100;
    return total + discount;
  }

  /** One line per product, for the receipt. */
  receipt(): string[] {
    const currency = 'EUR';
    return this.lines.map((line) => `${line.quantity} x ${line.product.name}: ${line.product.price} cents`);
  }

  isEmpty(): boolean {
    return this.lines.length == 0;
  }
}
