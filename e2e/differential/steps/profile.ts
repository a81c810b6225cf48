import { form, json, keepJson, multipart, PNG, type Step, step } from '../step.ts';

export const profile: readonly Step[] = [
  step('getProfile', 200, 'GET', { target: '/api/v1/profile', as: 'alice' }),
  step('getProfile', 401, 'GET', { target: '/api/v1/profile' }),
  step('updateProfile', 200, 'PUT', {
    target: '/api/v1/profile',
    as: 'bob',
    body: json({ name: 'Bob Ångström', phone: null }),
  }),
  step('updateProfile', 200, 'PUT', {
    target: '/api/v1/profile',
    as: 'bob',
    title: 'updateProfile 200: as a form',
    body: form('address=&newsletter=Y&newsletter=N'),
  }),
  step('updateProfile', 422, 'PUT', { target: '/api/v1/profile', as: 'bob', body: json({ name: '' }) }),
  step('updateProfile', 403, 'PUT', { target: '/api/v1/profile', as: 'partner', body: json({ name: 'x' }) }),
  step('uploadPhoto', 201, 'POST', {
    target: '/api/v1/profile/photo',
    as: 'alice',
    body: multipart('photo', PNG),
    keep: keepJson('photo', 'photo_url'),
  }),
  step('uploadPhoto', 415, 'POST', {
    target: '/api/v1/profile/photo',
    as: 'alice',
    body: multipart('photo', Buffer.from('no picture')),
  }),
  step('uploadPhoto', 422, 'POST', {
    target: '/api/v1/profile/photo',
    as: 'alice',
    body: multipart('other', PNG),
  }),
  step('uploadPhoto', 413, 'POST', {
    target: '/api/v1/profile/photo',
    as: 'alice',
    body: multipart('photo', Buffer.concat([PNG, Buffer.alloc(2_200_000)])),
  }),
  step(undefined, 200, 'GET', { target: '{photo}' }),
];
