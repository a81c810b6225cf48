import { json, logIn, type Step, step } from '../../differential/step.ts';

export const LOG_INS: readonly Step[] = [
  ...['alice', 'bob', 'agent', 'accountant'].map(logIn),
  step('createSession', 200, 'POST', {
    target: '/api/v1/session',
    title: 'createSession 200: the session that will expire',
    body: json({ email: 'alice@example.com', password: 'meridian' }),
    keep: (answer, { cookies }) => cookies.set('expired', answer.header('set-cookie')?.split(';')[0] ?? ''),
  }),
];
