import { fastify } from 'fastify';

/** The yardstick, as a process of its own: a route that parses a notification and answers. Prints where it listens. */
const app = fastify();
app.post('/callbacks/flexperto/:secret', (_request, reply) => reply.code(202).send({ status: 'accepted' }));
void app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
