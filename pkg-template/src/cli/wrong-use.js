// The error for a command that cannot begin: an unknown option, a missing setting, a file that cannot be read.

export class WrongUse extends Error {
  /**
   * @param {string} message One line that says what to do.
   * @param {{ showsHelp?: boolean }} [more] Whether the help of the command follows.
   */
  constructor(message, { showsHelp = false } = {}) {
    super(message);
    this.showsHelp = showsHelp;
  }
}
