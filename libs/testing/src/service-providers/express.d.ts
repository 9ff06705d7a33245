/** The little of Express 4 that the SCIMMY host uses; its own types are not installed. */
declare module 'express' {
  import type { IncomingMessage, ServerResponse } from 'node:http';
  function express(): express.Application;
  namespace express {
    interface Request extends IncomingMessage {
      header(name: string): string | undefined;
    }
    interface Router {
      (request: IncomingMessage, response: ServerResponse, next: () => void): void;
    }
    interface Application {
      (request: IncomingMessage, response: ServerResponse): void;
      use(path: string, router: Router): void;
      disable(setting: string): void;
    }
  }
  export = express;
}
