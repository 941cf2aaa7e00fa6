import type { FastifyInstance } from 'fastify';
import { ZodError } from 'zod';
import { Refusal } from './refusal';

/** Answers what went wrong with `{statusCode, message}`; what is not understood names each field and what is wrong with it. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    const statusCode = statusCodeOf(error);
    return reply.code(statusCode).send({ statusCode, message: messageOf(error) });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ statusCode: 404, message: 'There is no such path.' }),
  );
}

function statusCodeOf(error: unknown): number {
  if (error instanceof ZodError) return 400;
  if (error instanceof Refusal) return error.statusCode;
  const isHttp = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
  return isHttp ? Number(error.statusCode) : 500;
}

function messageOf(error: unknown): string {
  if (error instanceof ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
  }
  return error instanceof Error ? error.message : 'Unexpected error';
}
