/** A step cannot be done. `message`: one sentence about what is wrong; `advice`: one about what to do; `output`: what the tool said. */
export class Problem extends Error {
  constructor(message, advice, output = '') {
    super(message);
    this.name = 'Problem';
    this.advice = advice;
    this.output = output;
  }
}
