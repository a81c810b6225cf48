// Generated from ../admin.yaml by ../generate.ts. Do not edit.

export interface paths {
    "/routes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every operation of the contract, in its order, and where its traffic goes
         * @description Without a contract the list is empty.
         */
        get: operations["listRoutes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/routes/{operationId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example getInvoice */
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        /** One operation */
        get: operations["getRoute"];
        /**
         * Sets the flag of one read, whole
         * @description What the body does not say takes its default; the flag is replaced, not amended. A write cannot be set: it
         *     goes where its owner is.
         */
        put: operations["setRoute"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/carve-outs/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Sets the flags of all reads of a carve-out, in one snapshot
         * @description Its writes are reported as following their owner.
         */
        put: operations["setCarveOut"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/snapshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All flags that this replica serves, at one version */
        get: operations["getSnapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/snapshot/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Gives a store that was emptied the snapshot that this replica has recorded
         * @description Flips are refused with `store-behind` until this is done. Do it on the replica that knows most: `GET /replicas`
         *     says which. `If-Match` names the version that is to be restored, as `GET /snapshot` of that replica shows it.
         */
        post: operations["restoreSnapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what, when, why, from what, to what; newest first */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/overrides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Signs an override, for the requests of whoever carries it
         * @description What it asks for must be legal now; it is judged again at each use. It beats the flags and no kill. It is
         *     noted in the audit, without the token.
         */
        post: operations["mintOverride"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/kills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The kills that hold on this replica, oldest first */
        get: operations["listKills"];
        put?: never;
        /**
         * Sends reads to the monolith at once, on this replica, until lifted
         * @description Needs neither the store of flags nor `If-Match`, and wins over every snapshot and override. Reads that may not
         *     legally go to the monolith stay where they are, and are named in the answer.
         */
        post: operations["kill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/kills/{id}/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends a kill of this replica; the flags hold again */
        post: operations["liftKill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/differences/{operationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where the service answered otherwise than the monolith, at the stage `shadow`
         * @description The last ones that repeated, newest first, redacted; of this replica since its start.
         */
        get: operations["getDifferences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/replicas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which version each live replica serves */
        get: operations["listReplicas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What each queue of the configuration holds, and how fast it is worked off
         * @description Without queues, or without a Redis for them, the list is empty.
         */
        get: operations["listQueues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues/{queue}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
            };
            cookie?: never;
        };
        /** One queue */
        get: operations["getQueue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues/{queue}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Has the oldest dead letters of a queue tried as if they were new
         * @description As many as `limit` says, of one type where `type` names it. One entry of the audit says how many; it is there
         *     before the first is tried.
         */
        post: operations["retryDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues/{queue}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes the oldest dead letters of a queue away, never to be tried again
         * @description As many as `limit` says, of one type where `type` names it. Their outboxes are told, with the reason, so that
         *     they are not sent again. One entry of the audit says how many; it is there before the first is gone.
         */
        post: operations["discardDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues/{queue}/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
            };
            cookie?: never;
        };
        /** What the consumer of a queue will not take; the latest first */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues/{queue}/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
                /**
                 * @description Of an event, as in its outbox.
                 * @example 0198c4b2-7f00-7000-8000-000000000001
                 */
                id: components["parameters"]["DeadLetterId"];
            };
            cookie?: never;
        };
        /** One dead letter, with its content as it came */
        get: operations["inspectDeadLetter"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues/{queue}/dead-letters/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
                /**
                 * @description Of an event, as in its outbox.
                 * @example 0198c4b2-7f00-7000-8000-000000000001
                 */
                id: components["parameters"]["DeadLetterId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Has one dead letter tried as if it were new
         * @description The audit has it before it is tried.
         */
        post: operations["retryDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues/{queue}/dead-letters/{id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
                /**
                 * @description Of an event, as in its outbox.
                 * @example 0198c4b2-7f00-7000-8000-000000000001
                 */
                id: components["parameters"]["DeadLetterId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes one dead letter away, never to be tried again
         * @description The audit has it before it is gone. Its outbox is told, with the reason, so that it is not sent again.
         */
        post: operations["discardDeadLetter"];
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
        Queue: {
            name: string;
            /**
             * @description The carve-out whose service takes from it, and the monolith as long as it owns what that is about;
             *     `monolith`: it alone.
             */
            consumer: string;
            /** @description Types of events; `rest`, what no other queue takes; `jobs`, those of the consumer itself. */
            takes: string[] | ("rest" | "jobs");
            jobs: {
                waiting: number;
                /** @description Being worked on. */
                active: number;
                /** @description To be tried again later. */
                delayed: number;
                /** @description Dead letters. */
                dead: number;
            };
            /**
             * @description Since the oldest that waits or is delayed was put in: of the next in line, and the twenty that are to be
             *     tried again first. Null where there is none.
             */
            oldestSeconds: number | null;
            completed: components["schemas"]["QueueRate"];
            /** @description What became a dead letter. What is tried again is not in it. */
            died: components["schemas"]["QueueRate"];
            /**
             * @description Workers that are connected and take from it; one that leaves the queue to another owner is counted for up
             *     to ten seconds more. Null where Redis does not tell.
             */
            consumers: number | null;
        };
        QueueRate: {
            /** @description As counted in Redis; begins anew where that was emptied. */
            total: number;
            /** @description Over the minute that runs and the five before it. */
            perMinute: number;
        };
        DeadLetters: {
            total: number;
            /** @description For `offset`; null where there is no more. */
            next: number | null;
            deadLetters: components["schemas"]["DeadLetter"][];
        };
        DeadLetter: {
            id: string;
            /** @description `unknown` where nobody could tell. */
            type: string;
            /** @description The word before the first colon is the kind of fault, such as `refused`. */
            reason: string;
            attempts: number;
            /** Format: date-time */
            since: string;
            /** @description Of the job as Redis has it. */
            bytes: number;
        };
        InspectedDeadLetter: {
            id: string;
            type: string;
            reason: string;
            attempts: number;
            /** Format: date-time */
            since: string;
            bytes: number;
            /** @description Whose outbox it is from; null where the job does not say. */
            source: string | null;
            /** @description What the body is of, such as `events.v1`. */
            schema: string | null;
            bodyBytes: number | null;
            /** @description As the outbox has it. The gateway does not know what it means; `banyan jobs inspect` asks its consumer. */
            body: string | null;
        };
        DeadLettersWish: {
            type?: string;
            /** @default 100 */
            limit?: number;
            reason: components["schemas"]["Reason"];
        };
        DeadLettersSettled: {
            queue: string;
            /** @enum {unknown} */
            action: "retry" | "discard";
            done: number;
            gone: number;
            /** @description Those that were meant, and are beyond the limit or the time there was; where one was named 0. */
            left: number;
        };
        /**
         * @description `shadow`: the monolith answers, the service is asked aside and compared. `canary`: a share of accounts goes to
         *     the service.
         * @enum {unknown}
         */
        Stage: "monolith" | "shadow" | "canary" | "service";
        /**
         * @description What the service reads while the monolith owns. `shared`: the monolith's tables. `followed`: its own copy, kept
         *     up to date. `none`: nothing.
         * @enum {unknown}
         */
        ServiceData: "shared" | "followed" | "none";
        /** @enum {unknown} */
        Side: "monolith" | "service";
        /** @description In steps of 0.001. */
        Percent: number;
        /** @description Why, for whoever reads the audit. One line, not blank. */
        Reason: string;
        Route: {
            operationId: string;
            /** @enum {unknown} */
            method: "GET" | "PUT" | "POST" | "DELETE" | "OPTIONS" | "HEAD" | "PATCH" | "TRACE";
            /** @description The contract's template, with the path of its servers in front. */
            path: string;
            /** @description The active carve-out that the operation belongs to; null where it belongs to none. */
            carveOut: string | null;
            /**
             * @description By the method, where no carve-out says.
             * @enum {unknown}
             */
            kind: "read" | "write";
            /**
             * @description Where the traffic goes now, after kill and legality. Of a write, what follows from its owner. Null where
             *     nobody may answer: the data is being copied, or nobody has said who owns it.
             * @enum {unknown}
             */
            stage: "monolith" | "shadow" | "canary" | "service" | null;
            /** @description The share of accounts whose requests go to the service: 0 at `monolith` and `shadow`, 100 at `service`. */
            weightPercent: number;
            /**
             * @description Whose database may write what the operation is about; `unknown` until somebody has said.
             * @enum {unknown}
             */
            owner: "monolith" | "service" | "nobody" | "unknown";
            /** @description The number of that term of ownership; null where no ownership is recorded. */
            epoch: number | null;
            /**
             * Format: date-time
             * @description When this replica last sent such a request to the monolith; null where it has sent none.
             */
            lastMonolithHit: string | null;
            /**
             * @description What the service reads while the monolith owns; null where the operation is not carved out.
             * @enum {unknown}
             */
            data: "shared" | "followed" | "none" | null;
            /**
             * @description What its flag may be set to now. Empty for what has no flag (a write, and what is not carved out), and while
             *     nobody owns.
             */
            legalStages: components["schemas"]["Stage"][];
            /**
             * @description What the flag says; null for what has no flag.
             * @enum {unknown}
             */
            wantedStage: "monolith" | "shadow" | "canary" | "service" | null;
            /**
             * @description Whether the monolith answers, where it legally may, when the service could not be reached; null for what has
             *     no flag.
             */
            fallback: boolean | null;
            /** @description The share of requests that are asked of the service aside; 0 but at `shadow`. */
            samplePercent: number;
            /** @description Whether a kill of this replica names it. */
            killed: boolean;
            /** @description The last change of its flag; null where there was none, or none within the last 1,000. */
            lastFlip: components["schemas"]["LastFlip"] | null;
            /** @description Of this replica, over the last `seconds`, by backend. */
            traffic: components["schemas"]["BackendTraffic"][];
            /** @description What this replica has compared since its start; null where it compared nothing. */
            shadow: components["schemas"]["ShadowCounts"] | null;
        };
        LastFlip: {
            /** Format: date-time */
            at: string;
            by: string;
            reason: string;
            version: number;
        };
        BackendTraffic: {
            /** @description `monolith`, or a carve-out's name. */
            backend: string;
            requests: number;
            requestsPerSecond: number;
            /** @description The share that ended with a status of 500 and more, or without a whole answer. */
            errorRate: number;
            p50Ms: number | null;
            p99Ms: number | null;
        };
        ShadowCounts: {
            compared: number;
            different: number;
        };
        Flag: {
            stage: components["schemas"]["Stage"];
            /** @description At `canary`, and only there. */
            weightPercent?: components["schemas"]["Percent"];
            /** @description At `shadow`, and only there. */
            samplePercent?: components["schemas"]["Percent"];
            fallback: boolean;
        };
        /** @description By operationId. */
        Flags: {
            [key: string]: components["schemas"]["Flag"];
        };
        Snapshot: {
            /** @description Grows by one with every change; 0 where nothing was ever changed. */
            version: number;
            /** Format: date-time */
            at: string;
            by: string;
            reason: string;
            /** @description By operationId. A read that is not named is at `monolith`, with fallback. */
            flags: components["schemas"]["Flags"];
        };
        FlagWish: {
            stage: components["schemas"]["Stage"];
            /** @description Needed at `canary`, refused elsewhere. */
            weightPercent?: components["schemas"]["Percent"];
            /** @description At `shadow` (without it 100), refused elsewhere. */
            samplePercent?: components["schemas"]["Percent"];
            /**
             * @description Whether the monolith answers, where it legally may, when the service could not be reached.
             * @default true
             */
            fallback?: boolean;
            /**
             * @description Goes to `canary` or `service` though the service is not serving.
             * @default false
             */
            force?: boolean;
            reason: components["schemas"]["Reason"];
        };
        ReasonAlone: {
            reason: components["schemas"]["Reason"];
        };
        KillWish: {
            /** @description A read's operationId, a carve-out's name, or `*` for every read. */
            target: string;
            reason: components["schemas"]["Reason"];
        };
        OverrideWish: {
            /** @description By a read's operationId or a carve-out's name; the operation wins. Empty: proof headers alone. */
            sides: {
                [key: string]: components["schemas"]["Side"];
            };
            /** @description The one account that it is for; without it, whoever carries it. */
            account?: string;
            /** @default 3600 */
            expiresInSeconds?: number;
            reason: components["schemas"]["Reason"];
        };
        MintedOverride: {
            /** @description As the audit names it. */
            id: string;
            token: string;
            header: components["schemas"]["NamedValue"];
            cookie: components["schemas"]["NamedValue"];
            sides: {
                [key: string]: components["schemas"]["Side"];
            };
            account: string | null;
            /** Format: date-time */
            expiresAt: string;
        };
        NamedValue: {
            name: string;
            value: string;
        };
        Changed: {
            snapshot: components["schemas"]["Snapshot"];
            /** @description False where a live replica did not report the version within a second; it will, or `replicas` says who. */
            effective: boolean;
            /** @description Until every live replica served it. */
            tookMs: number;
            replicas: components["schemas"]["Replica"][];
            /** @description The reads whose flags were set. */
            set: string[];
            /** @description Where a carve-out was set, its writes, which follow their owner and were not set. */
            following: components["schemas"]["StageOf"][];
            /** @description Of `set`, those that a kill of this replica names, and keeps where it put them. */
            killed: string[];
            /** @description Whether the service was not serving. */
            forced: boolean;
        };
        StageOf: {
            operationId: string;
            /**
             * @description Null where nobody may answer.
             * @enum {unknown}
             */
            stage: "monolith" | "shadow" | "canary" | "service" | null;
        };
        AuditPage: {
            entries: components["schemas"]["AuditEntry"][];
            /** @description The store cannot be asked; this is what the replica itself has recorded. */
            isLocal: boolean;
            /** @description For `before`; null where there is no more. */
            next: string | null;
        };
        AuditEntry: {
            id: string;
            /** @description The snapshot that this made; null for what changes none. */
            version: number | null;
            /** Format: date-time */
            at: string;
            /** @description The name of the token. */
            by: string;
            /** @description Unproven. */
            onBehalfOf?: string;
            reason: string;
            /** @enum {unknown} */
            action: "set-route" | "set-carve-out" | "restore" | "kill" | "lift-kill" | "mint-override" | "retry-dead-letters" | "discard-dead-letters";
            /**
             * @description Operation, carve-out or `*`; of an override its id and what it asks for; of dead letters the queue, and the
             *     one's id, or how many of which type.
             */
            target: string;
            from: components["schemas"]["FlagsOrNone"];
            to: components["schemas"]["FlagsOrNone"];
            /**
             * @description The service was not serving.
             * @constant
             */
            forced?: true;
            replica: string;
            /** @description The client's address. */
            client: string;
        };
        /** @description By operationId; null where there was or is no flag. */
        FlagsOrNone: {
            [key: string]: components["schemas"]["Flag"] | null;
        };
        Kill: {
            id: string;
            target: string;
            reason: string;
            by: string;
            /** Format: date-time */
            at: string;
        };
        Killed: {
            kill: components["schemas"]["Kill"];
            /** @description The reads that are at the monolith by it. */
            reads: string[];
            /** @description The reads that it names and that may not go to the monolith. */
            unmoved: components["schemas"]["StageOf"][];
        };
        Differences: {
            operationId: string;
            /** @description The sum of `equal`, `different` and `unrepeated`. */
            compared: number;
            equal: number;
            /** @description Differed in the same place when both were asked again. */
            different: number;
            /** @description Differed, and not again: something was being changed just then. */
            unrepeated: number;
            /** @description By reason, what was not compared. */
            skipped: {
                [key: string]: number;
            };
            /** @description What differed, most often first. */
            fields: components["schemas"]["FieldCount"][];
            /** @description The last requests whose answers differed, newest first. */
            differences: components["schemas"]["KeptDifference"][];
        };
        FieldCount: {
            /** @description `status`, `header:etag`, `body`, `$.payments[*].amount`. */
            field: string;
            kind: components["schemas"]["DifferenceKind"];
            count: number;
            /** @description Of these, how often the monolith's own two answers differed there as well: most likely volatile. */
            unsteady: number;
        };
        /**
         * @description `missing`: the monolith has it, the service has not; `extra` the other way round. `representation`: the same
         *     JSON in other bytes. `length`: of an array.
         * @enum {unknown}
         */
        DifferenceKind: "status" | "header" | "missing" | "extra" | "type" | "value" | "length" | "representation" | "text" | "bytes";
        KeptDifference: {
            /** Format: date-time */
            at: string;
            /** @description As in the access log. */
            requestId: string;
            method: string;
            /** @description The contract's path, and the names of the query's parameters, without their values. */
            path: string;
            /** @description Names of header fields of the request on which an answer depends. */
            conditions: string[];
            status: {
                monolith: number;
                service: number;
            };
            differences: components["schemas"]["Difference"][];
            /** @description Whether there are no more than these. */
            isComplete: boolean;
        };
        Difference: {
            /** @description Such as `$.payments[0].amount`. */
            path: string;
            /** @description Such as `$.payments[*].amount`. */
            field: string;
            kind: components["schemas"]["DifferenceKind"];
            monolith: components["schemas"]["RedactedSide"];
            service: components["schemas"]["RedactedSide"];
            /** @description Where they begin to differ: the character or byte, in a text the line; from 0. */
            at?: number;
            /**
             * @description The monolith's own two answers differed there as well.
             * @constant
             */
            unsteady?: true;
        };
        RedactedSide: {
            /** @enum {unknown} */
            type: "absent" | "status" | "header" | "null" | "boolean" | "number" | "string" | "array" | "object" | "text" | "bytes";
            /** @description Characters, elements, fields or bytes, by the type. */
            length: number;
            /** @description Letters as `a` and `A`, digits as `0`, unless declared showable; cut to a bound. */
            text: string;
        };
        FlagsStatus: {
            /** @enum {unknown} */
            store: "redis" | "file";
            /**
             * @description `behind`: it holds less than this replica has served. `corrupt`: what it holds is no snapshot.
             * @enum {unknown}
             */
            state: "starting" | "reachable" | "away" | "behind" | "corrupt";
            /** Format: date-time */
            since: string;
            reason?: string;
            /** @description Of the snapshot that requests are decided by. */
            version: number;
            /** @description How long ago the store last confirmed that version; null where it never has. */
            stalenessMs: number | null;
            kills: number;
            /** @description Audit entries that wait for the store. */
            pendingAudit: number;
        };
        Replicas: {
            /** @description The replica that answers; null where nothing is carved out. */
            asked: components["schemas"]["FlagsStatus"] | null;
            replicas: components["schemas"]["Replica"][];
        };
        Replica: {
            replica: string;
            version: number;
            /** @description The highest version in its own record. */
            recordedVersion: number;
            kills: number;
            /** Format: date-time */
            at: string;
        };
        Fault: {
            /** @description A member of the body, a parameter or a header. */
            field: string;
            rule: string;
            /** @description What was sent, cut to 120 characters; absent where nothing was. */
            got?: string;
        };
        ReadLegality: {
            operationId: string;
            wanted: components["schemas"]["Stage"];
            /** @enum {unknown} */
            owner: "monolith" | "service" | "nobody" | "unknown";
            data: components["schemas"]["ServiceData"];
            legalStages: components["schemas"]["Stage"][];
            /**
             * @description A kill names it.
             * @constant
             */
            killed?: true;
        };
        /** @description Any of them. */
        Problem: components["schemas"]["Unauthorized"] | components["schemas"]["TooManyAttempts"] | components["schemas"]["Forbidden"] | components["schemas"]["ReadOnly"] | components["schemas"]["NotFound"] | components["schemas"]["MethodNotAllowed"] | components["schemas"]["PayloadTooLarge"] | components["schemas"]["UnsupportedMediaType"] | components["schemas"]["MalformedJson"] | components["schemas"]["InvalidValue"] | components["schemas"]["VersionRequired"] | components["schemas"]["StaleVersion"] | components["schemas"]["UnknownOperation"] | components["schemas"]["NotCarvedOut"] | components["schemas"]["UnknownCarveOut"] | components["schemas"]["UnknownKill"] | components["schemas"]["UnlawfulStage"] | components["schemas"]["WriteFollowsOwner"] | components["schemas"]["ServiceNotServing"] | components["schemas"]["UnlawfulOverride"] | components["schemas"]["OverridesOff"] | components["schemas"]["StoreAway"] | components["schemas"]["StoreBehind"] | components["schemas"]["NothingToRestore"] | components["schemas"]["UnknownQueue"] | components["schemas"]["UnknownDeadLetter"] | components["schemas"]["NoAudit"] | components["schemas"]["QueuesUnavailable"] | components["schemas"]["Internal"];
        /** @description RFC 9457. Scripts go by `type`; `detail` is a sentence for the person who reads it. */
        ProblemCore: {
            /** Format: uri-reference */
            type: string;
            title: string;
            status: number;
            detail: string;
        };
        Unauthorized: {
            /** @constant */
            type?: "/problems/unauthorized";
            /** @constant */
            status?: 401;
        } & components["schemas"]["ProblemCore"];
        TooManyAttempts: {
            /** @constant */
            type?: "/problems/too-many-attempts";
            /** @constant */
            status?: 429;
        } & components["schemas"]["ProblemCore"];
        Forbidden: {
            /** @constant */
            type?: "/problems/forbidden";
            /** @constant */
            status?: 403;
        } & components["schemas"]["ProblemCore"];
        ReadOnly: {
            /** @constant */
            type?: "/problems/read-only";
            /** @constant */
            status?: 403;
        } & components["schemas"]["ProblemCore"];
        /** @description A path that this document does not have. */
        NotFound: {
            /** @constant */
            type?: "/problems/not-found";
            /** @constant */
            status?: 404;
        } & components["schemas"]["ProblemCore"];
        MethodNotAllowed: {
            /** @constant */
            type?: "/problems/method-not-allowed";
            /** @constant */
            status?: 405;
        } & components["schemas"]["ProblemCore"];
        PayloadTooLarge: {
            /** @constant */
            type?: "/problems/payload-too-large";
            /** @constant */
            status?: 413;
        } & components["schemas"]["ProblemCore"];
        UnsupportedMediaType: {
            /** @constant */
            type?: "/problems/unsupported-media-type";
            /** @constant */
            status?: 415;
        } & components["schemas"]["ProblemCore"];
        MalformedJson: {
            /** @constant */
            type?: "/problems/malformed-json";
            /** @constant */
            status?: 400;
        } & components["schemas"]["ProblemCore"];
        InvalidValue: {
            /** @constant */
            type?: "/problems/invalid-value";
            /** @constant */
            status?: 400;
            /** @description Every one that was found. */
            faults: components["schemas"]["Fault"][];
        } & components["schemas"]["ProblemCore"];
        VersionRequired: {
            /** @constant */
            type?: "/problems/version-required";
            /** @constant */
            status?: 428;
        } & components["schemas"]["ProblemCore"];
        StaleVersion: {
            /** @constant */
            type?: "/problems/stale-version";
            /** @constant */
            status?: 412;
            /** @description What `If-Match` said. */
            expected: number;
            /** @description What is in force. */
            current: number;
        } & components["schemas"]["ProblemCore"];
        UnknownOperation: {
            /** @constant */
            type?: "/problems/unknown-operation";
            /** @constant */
            status?: 404;
            /** @description What was named, cut to 120 characters. */
            target: string;
        } & components["schemas"]["ProblemCore"];
        /** @description The operation belongs to no active carve-out. */
        NotCarvedOut: {
            /** @constant */
            type?: "/problems/not-carved-out";
            /** @constant */
            status?: 409;
            target: string;
        } & components["schemas"]["ProblemCore"];
        UnknownCarveOut: {
            /** @constant */
            type?: "/problems/unknown-carve-out";
            /** @constant */
            status?: 404;
            /** @description What was named, cut to 120 characters. */
            target: string;
            /** @description The active ones. */
            known: string[];
        } & components["schemas"]["ProblemCore"];
        UnknownKill: {
            /** @constant */
            type?: "/problems/unknown-kill";
            /** @constant */
            status?: 404;
            /** @description What was named, cut to 120 characters. */
            id: string;
        } & components["schemas"]["ProblemCore"];
        /** @description The stage is not legal by owner and data. */
        UnlawfulStage: {
            /** @constant */
            type?: "/problems/unlawful-stage";
            /** @constant */
            status?: 409;
            reads: components["schemas"]["ReadLegality"][];
        } & components["schemas"]["ProblemCore"];
        /** @description A write was named, or a carve-out that has writes alone. */
        WriteFollowsOwner: {
            /** @constant */
            type?: "/problems/write-follows-owner";
            /** @constant */
            status?: 409;
            target: string;
            /** @enum {unknown} */
            owner: "monolith" | "service" | "nobody" | "unknown";
        } & components["schemas"]["ProblemCore"];
        /** @description The service does not say that it is serving, or its breaker is not closed, and the change is not forced. */
        ServiceNotServing: {
            /** @constant */
            type?: "/problems/service-not-serving";
            /** @constant */
            status?: 409;
            service: string;
            /** @enum {unknown} */
            state: "not-serving" | "away" | "breaker-open";
        } & components["schemas"]["ProblemCore"];
        /** @description A side is not legal now, by owner, data or a kill. */
        UnlawfulOverride: {
            /** @constant */
            type?: "/problems/unlawful-override";
            /** @constant */
            status?: 409;
            reads: components["schemas"]["ReadLegality"][];
        } & components["schemas"]["ProblemCore"];
        /** @description No override keys are configured. */
        OverridesOff: {
            /** @constant */
            type?: "/problems/overrides-off";
            /** @constant */
            status?: 409;
        } & components["schemas"]["ProblemCore"];
        /** @description Flags go on as they are; they cannot be changed now. */
        StoreAway: {
            /** @constant */
            type?: "/problems/store-away";
            /** @constant */
            status?: 503;
            /** @enum {unknown} */
            store: "starting" | "reachable" | "away" | "behind" | "corrupt";
            /** Format: date-time */
            since: string;
            reason?: string;
            /**
             * @description `unknown`: the store went away with the change, which was made or was not, and will not be made later.
             * @enum {unknown}
             */
            outcome: "unchanged" | "unknown";
        } & components["schemas"]["ProblemCore"];
        /** @description The store holds less than a replica has served: it was emptied, or is another one. */
        StoreBehind: {
            /** @constant */
            type?: "/problems/store-behind";
            /** @constant */
            status?: 409;
            /** @description The store's version; 0 where it is empty. */
            held: number;
            /** @description The version that `replica` knows. */
            known: number;
            replica: string;
        } & components["schemas"]["ProblemCore"];
        /** @description The store is not behind, or another replica knows more. */
        NothingToRestore: {
            /** @constant */
            type?: "/problems/nothing-to-restore";
            /** @constant */
            status?: 409;
            /** @description The store's, or that of the replica that knows more. */
            version?: number;
            /** @description The one that knows more. */
            replica?: string;
            /** @description What this one knows. */
            own?: number;
        } & components["schemas"]["ProblemCore"];
        /** @description No queue of that name is configured, or there is no Redis for the queues. */
        UnknownQueue: {
            /** @constant */
            type?: "/problems/unknown-queue";
            /** @constant */
            status?: 404;
            /** @description What was named, cut to 120 characters. */
            target: string;
            known: string[];
        } & components["schemas"]["ProblemCore"];
        /** @description It is no dead letter of the queue, or no longer. */
        UnknownDeadLetter: {
            /** @constant */
            type?: "/problems/unknown-dead-letter";
            /** @constant */
            status?: 404;
            queue: string;
            /** @description What was named, cut to 120 characters. */
            id: string;
        } & components["schemas"]["ProblemCore"];
        /** @description Nothing is carved out here, so that there is no audit. */
        NoAudit: {
            /** @constant */
            type?: "/problems/no-audit";
            /** @constant */
            status?: 409;
        } & components["schemas"]["ProblemCore"];
        /** @description Requests are answered as ever; nothing else of the gateway needs the queues. */
        QueuesUnavailable: {
            /** @constant */
            type?: "/problems/queues-unavailable";
            /** @constant */
            status?: 503;
            reason: string;
            /**
             * @description `unknown`: Redis went away with the change. Look at the dead letters before it is repeated.
             * @enum {unknown}
             */
            outcome: "unchanged" | "unknown";
            /** @description Of several dead letters, those that were settled before. */
            done?: number;
        } & components["schemas"]["ProblemCore"];
        Internal: {
            /** @constant */
            type?: "/problems/internal";
            /** @constant */
            status?: 500;
        } & components["schemas"]["ProblemCore"];
    };
    responses: {
        /** @description The new snapshot is in the store; `effective` says whether every live replica serves it. */
        Changed: {
            headers: {
                ETag: components["headers"]["SnapshotVersion"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Changed"];
            };
        };
        /** @description The request is malformed. Nothing was changed. */
        InvalidBody: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["InvalidValue"] | components["schemas"]["MalformedJson"];
            };
        };
        /** @description The path or the query is malformed. */
        InvalidQuery: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["InvalidValue"];
            };
        };
        /** @description No token, or one that is not known. */
        Unauthorized: {
            headers: {
                "WWW-Authenticate": components["headers"]["Challenge"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Unauthorized"];
            };
        };
        /** @description A viewer's token, or no tokens are configured. */
        NotAllowed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Forbidden"] | components["schemas"]["ReadOnly"];
            };
        };
        /** @description The contract has no such operation. */
        UnknownOperation: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["UnknownOperation"];
            };
        };
        /** @description The path has no such method. */
        MethodNotAllowed: {
            headers: {
                Allow: components["headers"]["Allow"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["MethodNotAllowed"];
            };
        };
        /** @description The flag cannot be that now. */
        RouteConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["UnlawfulStage"] | components["schemas"]["NotCarvedOut"] | components["schemas"]["WriteFollowsOwner"] | components["schemas"]["ServiceNotServing"] | components["schemas"]["StoreBehind"];
            };
        };
        /** @description Somebody changed the flags since. Nothing was changed. */
        StaleVersion: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["StaleVersion"];
            };
        };
        /** @description A body of more than 64 KB. */
        PayloadTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["PayloadTooLarge"];
            };
        };
        /** @description A body that is not `application/json` in UTF-8, or is compressed. */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["UnsupportedMediaType"];
            };
        };
        /** @description There is no `If-Match`. */
        VersionRequired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["VersionRequired"];
            };
        };
        /** @description This address has sent too many wrong tokens lately. A right token is never answered with this. */
        TooManyAttempts: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["TooManyAttempts"];
            };
        };
        /** @description The gateway failed. Its log says why. */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Internal"];
            };
        };
        /** @description The store of flags cannot be reached, or holds what is no snapshot. `outcome` says whether anything was changed. */
        StoreAway: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["StoreAway"];
            };
        };
        /** @description What was done. Letters that somebody else had settled meanwhile are `gone`. */
        DeadLettersSettled: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["DeadLettersSettled"];
            };
        };
        /** @description The configuration names no such queue, or there is no Redis for it. */
        UnknownQueue: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["UnknownQueue"];
            };
        };
        /** @description There is no such queue, or it has no such dead letter. */
        UnknownDeadLetter: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["UnknownQueue"] | components["schemas"]["UnknownDeadLetter"];
            };
        };
        /** @description Nothing is carved out here, so that there is no audit for it to stand in. */
        NoAudit: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["NoAudit"];
            };
        };
        /** @description The Redis of the queues cannot be asked. */
        QueuesUnavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["QueuesUnavailable"];
            };
        };
        /**
         * @description The Redis of the queues cannot be asked, and `outcome` says whether anything was changed; or too many entries of
         *     the audit wait for the store of flags.
         */
        QueuesOrStoreAway: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["QueuesUnavailable"] | components["schemas"]["StoreAway"];
            };
        };
    };
    parameters: {
        /** @example getInvoice */
        OperationId: string;
        /** @example billing-events */
        Queue: string;
        /**
         * @description Of an event, as in its outbox.
         * @example 0198c4b2-7f00-7000-8000-000000000001
         */
        DeadLetterId: string;
        /** @description How far back `traffic` goes, in steps of ten. */
        Seconds: number;
        /**
         * @description The snapshot version that the author has seen, as an ETag says it.
         * @example "42"
         */
        IfMatch: string;
        /**
         * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
         * @example ann@desk
         */
        OnBehalfOf: string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description The version of the snapshot, in quotes, for `If-Match`.
         * @example "42"
         */
        SnapshotVersion: string;
        /** @example Bearer realm="banyan", error="invalid_token" */
        Challenge: string;
        /**
         * @description Seconds.
         * @example 42
         */
        RetryAfter: number;
        /** @example GET, HEAD, PUT */
        Allow: string;
    };
    pathItems: never;
}
export type Queue = components['schemas']['Queue'];
export type QueueRate = components['schemas']['QueueRate'];
export type DeadLetters = components['schemas']['DeadLetters'];
export type DeadLetter = components['schemas']['DeadLetter'];
export type InspectedDeadLetter = components['schemas']['InspectedDeadLetter'];
export type DeadLettersWish = components['schemas']['DeadLettersWish'];
export type DeadLettersSettled = components['schemas']['DeadLettersSettled'];
export type Stage = components['schemas']['Stage'];
export type ServiceData = components['schemas']['ServiceData'];
export type Side = components['schemas']['Side'];
export type Percent = components['schemas']['Percent'];
export type Reason = components['schemas']['Reason'];
export type Route = components['schemas']['Route'];
export type LastFlip = components['schemas']['LastFlip'];
export type BackendTraffic = components['schemas']['BackendTraffic'];
export type ShadowCounts = components['schemas']['ShadowCounts'];
export type Flag = components['schemas']['Flag'];
export type Flags = components['schemas']['Flags'];
export type Snapshot = components['schemas']['Snapshot'];
export type FlagWish = components['schemas']['FlagWish'];
export type ReasonAlone = components['schemas']['ReasonAlone'];
export type KillWish = components['schemas']['KillWish'];
export type OverrideWish = components['schemas']['OverrideWish'];
export type MintedOverride = components['schemas']['MintedOverride'];
export type NamedValue = components['schemas']['NamedValue'];
export type Changed = components['schemas']['Changed'];
export type StageOf = components['schemas']['StageOf'];
export type AuditPage = components['schemas']['AuditPage'];
export type AuditEntry = components['schemas']['AuditEntry'];
export type FlagsOrNone = components['schemas']['FlagsOrNone'];
export type Kill = components['schemas']['Kill'];
export type Killed = components['schemas']['Killed'];
export type Differences = components['schemas']['Differences'];
export type FieldCount = components['schemas']['FieldCount'];
export type DifferenceKind = components['schemas']['DifferenceKind'];
export type KeptDifference = components['schemas']['KeptDifference'];
export type Difference = components['schemas']['Difference'];
export type RedactedSide = components['schemas']['RedactedSide'];
export type FlagsStatus = components['schemas']['FlagsStatus'];
export type Replicas = components['schemas']['Replicas'];
export type Replica = components['schemas']['Replica'];
export type Fault = components['schemas']['Fault'];
export type ReadLegality = components['schemas']['ReadLegality'];
export type Problem = components['schemas']['Problem'];
export type ProblemCore = components['schemas']['ProblemCore'];
export type Unauthorized = components['schemas']['Unauthorized'];
export type TooManyAttempts = components['schemas']['TooManyAttempts'];
export type Forbidden = components['schemas']['Forbidden'];
export type ReadOnly = components['schemas']['ReadOnly'];
export type NotFound = components['schemas']['NotFound'];
export type MethodNotAllowed = components['schemas']['MethodNotAllowed'];
export type PayloadTooLarge = components['schemas']['PayloadTooLarge'];
export type UnsupportedMediaType = components['schemas']['UnsupportedMediaType'];
export type MalformedJson = components['schemas']['MalformedJson'];
export type InvalidValue = components['schemas']['InvalidValue'];
export type VersionRequired = components['schemas']['VersionRequired'];
export type StaleVersion = components['schemas']['StaleVersion'];
export type UnknownOperation = components['schemas']['UnknownOperation'];
export type NotCarvedOut = components['schemas']['NotCarvedOut'];
export type UnknownCarveOut = components['schemas']['UnknownCarveOut'];
export type UnknownKill = components['schemas']['UnknownKill'];
export type UnlawfulStage = components['schemas']['UnlawfulStage'];
export type WriteFollowsOwner = components['schemas']['WriteFollowsOwner'];
export type ServiceNotServing = components['schemas']['ServiceNotServing'];
export type UnlawfulOverride = components['schemas']['UnlawfulOverride'];
export type OverridesOff = components['schemas']['OverridesOff'];
export type StoreAway = components['schemas']['StoreAway'];
export type StoreBehind = components['schemas']['StoreBehind'];
export type NothingToRestore = components['schemas']['NothingToRestore'];
export type UnknownQueue = components['schemas']['UnknownQueue'];
export type UnknownDeadLetter = components['schemas']['UnknownDeadLetter'];
export type NoAudit = components['schemas']['NoAudit'];
export type QueuesUnavailable = components['schemas']['QueuesUnavailable'];
export type Internal = components['schemas']['Internal'];
export type ResponseChanged = components['responses']['Changed'];
export type ResponseInvalidBody = components['responses']['InvalidBody'];
export type ResponseInvalidQuery = components['responses']['InvalidQuery'];
export type ResponseUnauthorized = components['responses']['Unauthorized'];
export type ResponseNotAllowed = components['responses']['NotAllowed'];
export type ResponseUnknownOperation = components['responses']['UnknownOperation'];
export type ResponseMethodNotAllowed = components['responses']['MethodNotAllowed'];
export type ResponseRouteConflict = components['responses']['RouteConflict'];
export type ResponseStaleVersion = components['responses']['StaleVersion'];
export type ResponsePayloadTooLarge = components['responses']['PayloadTooLarge'];
export type ResponseUnsupportedMediaType = components['responses']['UnsupportedMediaType'];
export type ResponseVersionRequired = components['responses']['VersionRequired'];
export type ResponseTooManyAttempts = components['responses']['TooManyAttempts'];
export type ResponseInternal = components['responses']['Internal'];
export type ResponseStoreAway = components['responses']['StoreAway'];
export type ResponseDeadLettersSettled = components['responses']['DeadLettersSettled'];
export type ResponseUnknownQueue = components['responses']['UnknownQueue'];
export type ResponseUnknownDeadLetter = components['responses']['UnknownDeadLetter'];
export type ResponseNoAudit = components['responses']['NoAudit'];
export type ResponseQueuesUnavailable = components['responses']['QueuesUnavailable'];
export type ResponseQueuesOrStoreAway = components['responses']['QueuesOrStoreAway'];
export type ParameterOperationId = components['parameters']['OperationId'];
export type ParameterQueue = components['parameters']['Queue'];
export type ParameterDeadLetterId = components['parameters']['DeadLetterId'];
export type ParameterSeconds = components['parameters']['Seconds'];
export type ParameterIfMatch = components['parameters']['IfMatch'];
export type ParameterOnBehalfOf = components['parameters']['OnBehalfOf'];
export type HeaderSnapshotVersion = components['headers']['SnapshotVersion'];
export type HeaderChallenge = components['headers']['Challenge'];
export type HeaderRetryAfter = components['headers']['RetryAfter'];
export type HeaderAllow = components['headers']['Allow'];
export type $defs = Record<string, never>;
export interface operations {
    listRoutes: {
        parameters: {
            query?: {
                /** @description How far back `traffic` goes, in steps of ten. */
                seconds?: components["parameters"]["Seconds"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The operations. */
            200: {
                headers: {
                    ETag: components["headers"]["SnapshotVersion"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Route"][];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
        };
    };
    getRoute: {
        parameters: {
            query?: {
                /** @description How far back `traffic` goes, in steps of ten. */
                seconds?: components["parameters"]["Seconds"];
            };
            header?: never;
            path: {
                /** @example getInvoice */
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The operation. */
            200: {
                headers: {
                    ETag: components["headers"]["SnapshotVersion"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Route"];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["UnknownOperation"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
        };
    };
    setRoute: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The snapshot version that the author has seen, as an ETag says it.
                 * @example "42"
                 */
                "If-Match": components["parameters"]["IfMatch"];
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /** @example getInvoice */
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FlagWish"];
            };
        };
        responses: {
            200: components["responses"]["Changed"];
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["UnknownOperation"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["RouteConflict"];
            412: components["responses"]["StaleVersion"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            428: components["responses"]["VersionRequired"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreAway"];
        };
    };
    setCarveOut: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The snapshot version that the author has seen, as an ETag says it.
                 * @example "42"
                 */
                "If-Match": components["parameters"]["IfMatch"];
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /** @example billing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FlagWish"];
            };
        };
        responses: {
            200: components["responses"]["Changed"];
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            /** @description No carve-out of that name is active. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["UnknownCarveOut"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
            /** @description The flags cannot be that now. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["UnlawfulStage"] | components["schemas"]["WriteFollowsOwner"] | components["schemas"]["ServiceNotServing"] | components["schemas"]["StoreBehind"];
                };
            };
            412: components["responses"]["StaleVersion"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            428: components["responses"]["VersionRequired"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreAway"];
        };
    };
    getSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The snapshot. */
            200: {
                headers: {
                    ETag: components["headers"]["SnapshotVersion"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Snapshot"];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
        };
    };
    restoreSnapshot: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The snapshot version that the author has seen, as an ETag says it.
                 * @example "42"
                 */
                "If-Match": components["parameters"]["IfMatch"];
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonAlone"];
            };
        };
        responses: {
            200: components["responses"]["Changed"];
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            405: components["responses"]["MethodNotAllowed"];
            /** @description The store lost nothing, or another replica knows more. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["NothingToRestore"] | components["schemas"]["StoreBehind"];
                };
            };
            412: components["responses"]["StaleVersion"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            428: components["responses"]["VersionRequired"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreAway"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                limit?: number;
                /**
                 * @description The `next` of the page before: the id of an entry. One that is not there, or no longer, is refused, for what
                 *     is older than it cannot be told.
                 */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of entries. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
        };
    };
    mintOverride: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OverrideWish"];
            };
        };
        responses: {
            /** @description The override, ready to be sent. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintedOverride"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["UnknownOperation"];
            405: components["responses"]["MethodNotAllowed"];
            /** @description It asks for what is not legal now, or no override keys are configured. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["UnlawfulOverride"] | components["schemas"]["WriteFollowsOwner"] | components["schemas"]["NotCarvedOut"] | components["schemas"]["OverridesOff"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreAway"];
        };
    };
    listKills: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The kills. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"][];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
        };
    };
    kill: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KillWish"];
            };
        };
        responses: {
            /** @description It holds. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Killed"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["UnknownOperation"];
            405: components["responses"]["MethodNotAllowed"];
            /** @description It names what is no read of a carve-out. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["WriteFollowsOwner"] | components["schemas"]["NotCarvedOut"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
        };
    };
    liftKill: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /** @example k-3 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonAlone"];
            };
        };
        responses: {
            /** @description The kill that no longer holds. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kill"];
                };
            };
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            /** @description No kill of that id holds here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["UnknownKill"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
        };
    };
    getDifferences: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example getInvoice */
                operationId: components["parameters"]["OperationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was compared. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Differences"];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["UnknownOperation"];
            405: components["responses"]["MethodNotAllowed"];
            /** @description It is no read of a carve-out, so nothing is ever compared. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["WriteFollowsOwner"] | components["schemas"]["NotCarvedOut"];
                };
            };
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
        };
    };
    listReplicas: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What replicas last said of themselves; one that stops is forgotten after a few seconds. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replicas"];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
        };
    };
    listQueues: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queues, in the order of the configuration. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"][];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["QueuesUnavailable"];
        };
    };
    getQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queue. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["UnknownQueue"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["QueuesUnavailable"];
        };
    };
    retryDeadLetters: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeadLettersWish"];
            };
        };
        responses: {
            200: components["responses"]["DeadLettersSettled"];
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["UnknownQueue"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["NoAudit"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["QueuesOrStoreAway"];
        };
    };
    discardDeadLetters: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeadLettersWish"];
            };
        };
        responses: {
            200: components["responses"]["DeadLettersSettled"];
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["UnknownQueue"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["NoAudit"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["QueuesOrStoreAway"];
        };
    };
    listDeadLetters: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `next` of the page before. A letter that comes or goes meanwhile moves what is behind it. */
                offset?: number;
            };
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of dead letters. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetters"];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["UnknownQueue"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["QueuesUnavailable"];
        };
    };
    inspectDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
                /**
                 * @description Of an event, as in its outbox.
                 * @example 0198c4b2-7f00-7000-8000-000000000001
                 */
                id: components["parameters"]["DeadLetterId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dead letter. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectedDeadLetter"];
                };
            };
            400: components["responses"]["InvalidQuery"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["UnknownDeadLetter"];
            405: components["responses"]["MethodNotAllowed"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["QueuesUnavailable"];
        };
    };
    retryDeadLetter: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
                /**
                 * @description Of an event, as in its outbox.
                 * @example 0198c4b2-7f00-7000-8000-000000000001
                 */
                id: components["parameters"]["DeadLetterId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonAlone"];
            };
        };
        responses: {
            200: components["responses"]["DeadLettersSettled"];
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["UnknownDeadLetter"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["NoAudit"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["QueuesOrStoreAway"];
        };
    };
    discardDeadLetter: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Whom the bearer says to act for. Kept in the audit as a note; nobody proves it.
                 * @example ann@desk
                 */
                "X-Banyan-On-Behalf-Of"?: components["parameters"]["OnBehalfOf"];
            };
            path: {
                /** @example billing-events */
                queue: components["parameters"]["Queue"];
                /**
                 * @description Of an event, as in its outbox.
                 * @example 0198c4b2-7f00-7000-8000-000000000001
                 */
                id: components["parameters"]["DeadLetterId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonAlone"];
            };
        };
        responses: {
            200: components["responses"]["DeadLettersSettled"];
            400: components["responses"]["InvalidBody"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["NotAllowed"];
            404: components["responses"]["UnknownDeadLetter"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["NoAudit"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyAttempts"];
            500: components["responses"]["Internal"];
            503: components["responses"]["QueuesOrStoreAway"];
        };
    };
}
