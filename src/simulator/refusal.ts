import type { FastifyError, FastifyInstance } from 'fastify';
import { ZodError } from 'zod';

/** Thrown when a request cannot be met; the message goes to whoever asked, with the status code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly statusCode: 400 | 401 | 403 | 404 | 409 | 422,
    message: string,
  ) {
    super(message);
  }
}

/** Answers every error with `{statusCode, message}`; what is not understood names each field and what is wrong with it. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    const known = error instanceof ZodError ? unreadable(error) : (error as Partial<FastifyError>);
    const { statusCode = 500, message = 'Unexpected error' } = known;
    return reply.code(statusCode).send({ statusCode, message });
  });
  app.setNotFoundHandler(() => {
    throw new Refusal(404, 'There is no such path.');
  });
}

function unreadable({ issues }: ZodError): Refusal {
  const problems = issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  return new Refusal(400, problems.join('; '));
}

/** Takes an empty body for no body, even if its content type says JSON: clients send that with an abandon. */
export function acceptEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body.toString(), done);
  });
}
