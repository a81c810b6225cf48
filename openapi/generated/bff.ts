// Generated from ../bff.yaml by ../generate.ts. Do not edit.

export interface paths {
    "/bff/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As in `Location`. What has not the form of one is as absent as none. */
                id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        /**
         * A job as it stands, or its changes as they come
         * @description As JSON; with `Accept: text/event-stream` as server-sent events: one, `job`, with the job as it stands, one
         *     for each change, some times a second at most, and the stream ends with the job. A comment comes every 15
         *     seconds. An `EventSource` that connects again after the end is told to stop (204). At most 16 streams of an
         *     account may be under way on a gateway. Counted as `watchJob` in the gateway's metrics.
         */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /**
         * Cancels a job
         * @description One that waits is cancelled at once, one that runs within a second or so; one that has ended stays as it is.
         *     So it may be asked again.
         */
        delete: operations["cancelJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bff/jobs/{id}/result": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As in `Location`. What has not the form of one is as absent as none. */
                id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        /**
         * What the request would have been answered with at once
         * @description Status, header fields and body are those of the operation that the job came from, its refusals included, but
         *     for `Date` and the cookie's renewal. Of a GET, conditions (`If-None-Match`, `If-Modified-Since`, `If-Range`)
         *     and `Range` count as they would there.
         */
        get: operations["getJobResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bff/flights/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Of the flight. */
                id: number;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends an e-mail to everybody who is booked on a flight
         * @description For agents. To the contact of each booking that is held or confirmed, once, in a job. Its result is
         *     `MessageSent`. Checks come in this order: owner, key, role, body, its members, the flight.
         */
        post: operations["sendFlightMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A request that is answered later. */
        Job: {
            /** @example billing-0193c1f0-7d1a-4c3e-9b4e-3f4f3b8f1c55 */
            id: string;
            /** @description The operationId of what was asked; null where this gateway knows it no more. */
            operation: string | null;
            /**
             * @description `failed`: the request was refused after all, or could not be answered; the result says which.
             * @enum {string}
             */
            state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            /** @description How much is done; what is counted is the operation's matter. */
            done: number;
            /** @description Of how much; null while that is not known. */
            total: number | null;
            /** Format: date-time */
            createdAt: string | null;
            /**
             * Format: date-time
             * @description Of its last beginning; a job whose process died begins anew.
             */
            startedAt: string | null;
            /** Format: date-time */
            finishedAt: string | null;
            /**
             * Format: date-time
             * @description Until when its result is kept; set when it has ended.
             */
            expiresAt: string | null;
            /** @description The path of its result; null while there is none. */
            result: string | null;
        };
        NewMessage: {
            /** @description One line. */
            subject: string;
            /** @description A line is a paragraph. */
            text: string;
        };
        /** @description The result of `sendFlightMessage`. */
        MessageSent: {
            /** Format: int64 */
            flightId: number;
            /** @description To how many bookings an e-mail goes. */
            mails: number;
        };
        Problem: components["schemas"]["NoSuchPath"] | components["schemas"]["MethodNotAllowed"] | components["schemas"]["JobNotFound"] | components["schemas"]["JobNotDone"] | components["schemas"]["JobCancelled"] | components["schemas"]["JobGone"] | components["schemas"]["ResultTooLarge"] | components["schemas"]["TooManyJobs"] | components["schemas"]["TooManyWatchers"] | components["schemas"]["ContextAtMonolith"] | components["schemas"]["MalformedBody"] | components["schemas"]["BodyTooLarge"] | components["schemas"]["UnsupportedMediaType"] | components["schemas"]["Forbidden"] | components["schemas"]["NoSuchFlight"] | components["schemas"]["InvalidMessage"] | components["schemas"]["InvalidIdempotencyKey"] | components["schemas"]["IdempotencyKeyReused"] | components["schemas"]["Unavailable"] | components["schemas"]["Late"] | components["schemas"]["Internal"];
        ProblemCore: {
            /** @description The same for every problem of the type. */
            title: string;
            /** @description A sentence for a person. */
            detail: string;
        };
        NoSuchPath: {
            /** @constant */
            type: "/problems/no-such-path";
            /** @constant */
            status: 404;
        } & components["schemas"]["ProblemCore"];
        MethodNotAllowed: {
            /** @constant */
            type: "/problems/method-not-allowed";
            /** @constant */
            status: 405;
        } & components["schemas"]["ProblemCore"];
        JobNotFound: {
            /** @constant */
            type: "/problems/job-not-found";
            /** @constant */
            status: 404;
        } & components["schemas"]["ProblemCore"];
        JobNotDone: {
            /** @constant */
            type: "/problems/job-not-done";
            /** @constant */
            status: 409;
        } & components["schemas"]["ProblemCore"];
        JobCancelled: {
            /** @constant */
            type: "/problems/job-cancelled";
            /** @constant */
            status: 410;
        } & components["schemas"]["ProblemCore"];
        JobGone: {
            /** @constant */
            type: "/problems/job-gone";
            /** @constant */
            status: 410;
        } & components["schemas"]["ProblemCore"];
        ResultTooLarge: {
            /** @constant */
            type: "/problems/result-too-large";
            /** @constant */
            status: 422;
        } & components["schemas"]["ProblemCore"];
        TooManyJobs: {
            /** @constant */
            type: "/problems/too-many-jobs";
            /** @constant */
            status: 503;
        } & components["schemas"]["ProblemCore"];
        TooManyWatchers: {
            /** @constant */
            type: "/problems/too-many-watchers";
            /** @constant */
            status: 429;
        } & components["schemas"]["ProblemCore"];
        ContextAtMonolith: {
            /** @constant */
            type: "/problems/context-at-monolith";
            /** @constant */
            status: 409;
        } & components["schemas"]["ProblemCore"];
        MalformedBody: {
            /** @constant */
            type: "/problems/malformed-body";
            /** @constant */
            status: 400;
        } & components["schemas"]["ProblemCore"];
        BodyTooLarge: {
            /** @constant */
            type: "/problems/body-too-large";
            /** @constant */
            status: 413;
        } & components["schemas"]["ProblemCore"];
        UnsupportedMediaType: {
            /** @constant */
            type: "/problems/unsupported-media-type";
            /** @constant */
            status: 415;
        } & components["schemas"]["ProblemCore"];
        Forbidden: {
            /** @constant */
            type: "/problems/forbidden";
            /** @constant */
            status: 403;
        } & components["schemas"]["ProblemCore"];
        NoSuchFlight: {
            /** @constant */
            type: "/problems/no-such-flight";
            /** @constant */
            status: 404;
        } & components["schemas"]["ProblemCore"];
        InvalidMessage: {
            /** @constant */
            type: "/problems/invalid-message";
            /** @constant */
            status: 422;
            /** @description Each member that is at fault, with the rule it breaks. */
            faults: {
                field: string;
                rule: string;
            }[];
        } & components["schemas"]["ProblemCore"];
        InvalidIdempotencyKey: {
            /** @constant */
            type: "/problems/invalid-idempotency-key";
            /** @constant */
            status: 400;
        } & components["schemas"]["ProblemCore"];
        IdempotencyKeyReused: {
            /** @constant */
            type: "/problems/idempotency-key-reused";
            /** @constant */
            status: 422;
        } & components["schemas"]["ProblemCore"];
        Unavailable: {
            /** @constant */
            type: "/problems/unavailable";
            /** @constant */
            status: 503;
        } & components["schemas"]["ProblemCore"];
        Late: {
            /** @constant */
            type: "/problems/late";
            /** @constant */
            status: 504;
        } & components["schemas"]["ProblemCore"];
        Internal: {
            /** @constant */
            type: "/problems/internal";
            /** @constant */
            status: 500;
        } & components["schemas"]["ProblemCore"];
    };
    responses: {
        /** @description The contract's own answer to who has no session and no key. */
        Unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": Record<string, never>;
            };
        };
        /** @description There is no such job, or it is another account's, or the name is none of a job. */
        NoSuchJob: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["JobNotFound"];
            };
        };
        /** @description The path has no such method. */
        MethodNotAllowed: {
            headers: {
                /** @description Those that it has. */
                Allow?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["MethodNotAllowed"];
            };
        };
        /** @description The job has ended, and its result was kept until a time that has passed. */
        Gone: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["JobGone"];
            };
        };
        /** @description The gateway or the service failed on this. */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Internal"];
            };
        };
        /** @description The service cannot answer. */
        Unavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Unavailable"];
            };
        };
        /** @description The service did not answer in time. */
        Late: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Late"];
            };
        };
    };
    parameters: {
        /** @description As in `Location`. What has not the form of one is as absent as none. */
        JobId: string;
    };
    requestBodies: never;
    headers: {
        /** @description In how many seconds to look again; not there once a job has ended. */
        RetryAfter: number;
        /** @description A job changes while it is looked at. */
        NoStore: "no-store";
    };
    pathItems: never;
}
export type Job = components['schemas']['Job'];
export type NewMessage = components['schemas']['NewMessage'];
export type MessageSent = components['schemas']['MessageSent'];
export type Problem = components['schemas']['Problem'];
export type ProblemCore = components['schemas']['ProblemCore'];
export type NoSuchPath = components['schemas']['NoSuchPath'];
export type MethodNotAllowed = components['schemas']['MethodNotAllowed'];
export type JobNotFound = components['schemas']['JobNotFound'];
export type JobNotDone = components['schemas']['JobNotDone'];
export type JobCancelled = components['schemas']['JobCancelled'];
export type JobGone = components['schemas']['JobGone'];
export type ResultTooLarge = components['schemas']['ResultTooLarge'];
export type TooManyJobs = components['schemas']['TooManyJobs'];
export type TooManyWatchers = components['schemas']['TooManyWatchers'];
export type ContextAtMonolith = components['schemas']['ContextAtMonolith'];
export type MalformedBody = components['schemas']['MalformedBody'];
export type BodyTooLarge = components['schemas']['BodyTooLarge'];
export type UnsupportedMediaType = components['schemas']['UnsupportedMediaType'];
export type Forbidden = components['schemas']['Forbidden'];
export type NoSuchFlight = components['schemas']['NoSuchFlight'];
export type InvalidMessage = components['schemas']['InvalidMessage'];
export type InvalidIdempotencyKey = components['schemas']['InvalidIdempotencyKey'];
export type IdempotencyKeyReused = components['schemas']['IdempotencyKeyReused'];
export type Unavailable = components['schemas']['Unavailable'];
export type Late = components['schemas']['Late'];
export type Internal = components['schemas']['Internal'];
export type ResponseUnauthorized = components['responses']['Unauthorized'];
export type ResponseNoSuchJob = components['responses']['NoSuchJob'];
export type ResponseMethodNotAllowed = components['responses']['MethodNotAllowed'];
export type ResponseGone = components['responses']['Gone'];
export type ResponseInternal = components['responses']['Internal'];
export type ResponseUnavailable = components['responses']['Unavailable'];
export type ResponseLate = components['responses']['Late'];
export type ParameterJobId = components['parameters']['JobId'];
export type HeaderRetryAfter = components['headers']['RetryAfter'];
export type HeaderNoStore = components['headers']['NoStore'];
export type $defs = Record<string, never>;
export interface operations {
    getJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description Of the last event that was seen, as an `EventSource` sends it. */
                "Last-Event-ID"?: string;
            };
            path: {
                /** @description As in `Location`. What has not the form of one is as absent as none. */
                id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                    "text/event-stream": string;
                };
            };
            /** @description To a client whose `Last-Event-ID` is that of the end - there is nothing more to come. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NoSuchJob"];
            405: components["responses"]["MethodNotAllowed"];
            410: components["responses"]["Gone"];
            /** @description Too many streams are watching jobs. Ask for the job without `text/event-stream`. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["TooManyWatchers"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            504: components["responses"]["Late"];
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As in `Location`. What has not the form of one is as absent as none. */
                id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job has ended, by this or before. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description The job is being cancelled. */
            202: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NoSuchJob"];
            405: components["responses"]["MethodNotAllowed"];
            410: components["responses"]["Gone"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            504: components["responses"]["Late"];
        };
    };
    getJobResult: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As in `Location`. What has not the form of one is as absent as none. */
                id: components["parameters"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer of the operation, whatever its status and type are by the contract. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": unknown;
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NoSuchJob"];
            405: components["responses"]["MethodNotAllowed"];
            /** @description The job has not ended. */
            409: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["JobNotDone"];
                };
            };
            /** @description There is no result, and there will be none. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["JobGone"] | components["schemas"]["JobCancelled"];
                };
            };
            /** @description There is no result, since it is larger than what is kept (256 MiB). Ask without `Prefer`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ResultTooLarge"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            504: components["responses"]["Late"];
        };
    };
    sendFlightMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 255 visible ASCII characters. The same request with the same key gives the same job. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description Of the flight. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessage"];
            };
        };
        responses: {
            /** @description The job. */
            202: {
                headers: {
                    /** @description Of the job. */
                    Location?: string;
                    "Retry-After": components["headers"]["RetryAfter"];
                    /** @description `true` where the key has been used for this request before: the job is that one. */
                    "Idempotency-Replayed"?: "true";
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description The body is no JSON object, or the key is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["MalformedBody"] | components["schemas"]["InvalidIdempotencyKey"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description The caller is no agent. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Forbidden"];
                };
            };
            /** @description There is no such flight. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["NoSuchFlight"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
            /** @description Bookings are still with the monolith, which has no such operation. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ContextAtMonolith"];
                };
            };
            /** @description The body is larger than 64 KB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["BodyTooLarge"];
                };
            };
            /** @description The body is not `application/json` in UTF-8. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["UnsupportedMediaType"];
                };
            };
            /** @description A member is missing or out of its range, or the key was used for another request. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["InvalidMessage"] | components["schemas"]["IdempotencyKeyReused"];
                };
            };
            500: components["responses"]["Internal"];
            /** @description The service cannot answer, nobody can say who owns bookings, or too many jobs are waiting. */
            503: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Unavailable"] | components["schemas"]["TooManyJobs"];
                };
            };
            504: components["responses"]["Late"];
        };
    };
}
