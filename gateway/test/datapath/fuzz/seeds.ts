const H = 'Host: a.example\r\n';

/** Well-formed streams of requests, to be mutated. */
export const REQUEST_SEEDS: readonly string[] = [
  `GET /a?b=c HTTP/1.1\r\n${H}Accept: */*\r\nX-One: 1\r\n\r\n`,
  `POST /p HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello`,
  `POST /p HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhelloGET /next HTTP/1.1\r\n${H}\r\n`,
  `PUT /c HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n`,
  `POST /c HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\nA;ext=1\r\n0123456789\r\n0\r\nX-T: v\r\n\r\nGET /after HTTP/1.1\r\n${H}\r\n`,
  `GET /1 HTTP/1.1\r\n${H}\r\nGET /2 HTTP/1.1\r\n${H}\r\nGET /3 HTTP/1.1\r\n${H}Connection: close\r\n\r\n`,
  `GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /old2 HTTP/1.0\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\n${H}Content-Length: 0\r\n\r\n`,
  `GET http://b.example/abs HTTP/1.1\r\n${H}\r\n`,
  `POST /s HTTP/1.1\r\n${H}Content-Length: 33\r\n\r\nGET /inner HTTP/1.1\r\nHost: x\r\n\r\n\r\n`,
  `PATCH /j HTTP/1.1\r\n${H}Content-Type: application/json\r\nContent-Length: 2\r\nConnection: keep-alive, X-H\r\nX-H: 1\r\n\r\n{}`,
];

/** Well-formed answers to a GET, to be mutated. */
export const RESPONSE_SEEDS: readonly string[] = [
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 9\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX: 1\r\nConnection: close\r\n\r\nuntil the end',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 404 Not Found\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 3\r\n\r\nnay',
];
