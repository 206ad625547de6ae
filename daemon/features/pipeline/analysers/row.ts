// What the table of analysers says of each.
import type { ToolLookup } from './find-tool.ts';
import type { ColumnUnit, ToolReport, Unread } from './report.ts';

/** The reviewed file's location, as absolute paths. */
export interface FileLocation {
  file: string;
  folder: string;
  root: string;
}

export interface AnalyserRow {
  name: string;
  /** Endings of the files it reads. */
  extensions: readonly string[];
  /** Names of other files that it reads. */
  names?: RegExp;
  tool: ToolLookup;
  /** Whether nobody misses it where the project does not use it. */
  isOptional?: boolean;
  /** Whether it checks a whole project however small the file is, which may have to be compiled first. */
  isWholeProject?: boolean;
  /**
   * `disk`: it reads the saved file and is skipped while the document differs. `input`: it reads the document from its
   * input.
   */
  reads: 'disk' | 'input';
  /**
   * Arguments with which it uses nothing of the project but the file, in a folder that is not trusted. It runs in `scratch`, an empty
   * folder. Absent where it has nothing to say without the project's configuration, or cannot be kept from it: then it is left out there.
   */
  isolated?(location: FileLocation, scratch: string): readonly string[];
  /** Variables that keep it from the network and from writing elsewhere than in `scratch`, which goes when it ends, and in `cache`, our own. */
  environment?(folders: { scratch: string; cache: string }): Readonly<Record<string, string>>;
  columns: ColumnUnit;
  /** The folder to run in; undefined when the project does not use it. */
  folder(location: FileLocation): string | undefined;
  arguments(location: FileLocation): readonly string[];
  /**
   * Several ways to run it, in their order, where one may look at the file and another not; instead of `arguments`. In `cache`, a folder
   * of our own, it may keep what makes its next run faster.
   */
  attempts?(location: FileLocation, cache: string): readonly (readonly string[])[];
  /** Arguments with which it reads several saved files at once; instead of `arguments` where all of them are saved. */
  together?(files: readonly string[], location: FileLocation): readonly string[];
  /** Whether the project is set up for it, so that something is missing where it is not installed. */
  isAskedFor?(location: FileLocation): boolean;
  /** Why it has not looked at the file though it ran; asked where it reports nothing of the file. */
  unread?(output: { stdout: string; stderr: string }, file: AnalysedFile): Unread | undefined;
  /**
   * How it names those of some files that it reads, where it passes over in silence what its configuration leaves out. Run where it
   * reports nothing of a file. `files` is undefined where the output says nothing of that.
   */
  listing?: {
    /** Another program than the row's own. */
    tool?: ToolLookup;
    arguments(files: readonly string[]): readonly string[];
    files(output: { stdout: string; stderr: string }): readonly string[] | undefined;
  };
  /** Throws when the output is not the tool's. */
  parse(output: { stdout: string; stderr: string }, document: string): ToolReport[];
}

interface AnalysedFile {
  location: FileLocation;
  text: string;
  /** All that the tool was given to read in this run. */
  files: readonly string[];
  /** Whether the tool used nothing of the project but the file. */
  isIsolated: boolean;
}
