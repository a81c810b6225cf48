// Generated from ../legacy.yaml by ../generate.ts. Do not edit.

export interface paths {
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is logged in
         * @description Answers for an API key too, with `via` `api_key` and no expiry. Asking renews the session.
         */
        get: operations["getSession"];
        put?: never;
        /**
         * Log in
         * @description Starts a session under a new id. JSON answers 200; a form is answered by a redirect to `next`, if that is a
         *     local path (one `/` at its start, not `//` or `/\`), else to `/bookings`. Partners have no interactive log-in:
         *     they get the 403 of a wrong password. `X-Api-Key` has no meaning here.
         */
        post: operations["createSession"];
        /**
         * Log out
         * @description Ends the session and clears the cookie. An API key cannot log out.
         */
        delete: operations["deleteSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/flights": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Flights of a route on a day
         * @description Ordered by departure, then id. Says nothing of the seats left; cancelled flights are listed. Airport codes are
         *     case-insensitive. A well-formed code that no airport has gives an empty list.
         */
        get: operations["searchFlights"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/flights/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /** One flight */
        get: operations["getFlight"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/flights/{id}/seats": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * The seats of a flight
         * @description `taken` are the seats that bookings claim, by row, then column. `picked` are those that somebody is looking at
         *     on the live map: advice only, a pick claims nothing.
         */
        get: operations["getSeatMap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/flights/{id}/status/stream": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * Live status of a flight
         * @description Server-sent events. The stream begins with `retry: 3000`. An event follows at once, and another at every change
         *     of the flight:
         *
         *     ```
         *     id: 7
         *     event: status
         *     data: {"flight_id":17,"number":"MA101","status":"DELAYED","gate":"B12","departs_at":"…","arrives_at":"…","updated_at":"…"}
         *     ```
         *
         *     `data` is one line of JSON, the schema `FlightStatus`. `id` grows with every change. A client that comes back
         *     with the current id in `Last-Event-ID` gets no repeat, but the next change. Every 15 seconds a comment
         *     `: keep-alive` is sent. The stream never ends by itself. 503 also when too many streams are open.
         */
        get: operations["streamFlightStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bookings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Bookings, newest first
         * @description Customers and partners see their own, agents all. A filter whose value makes no sense is ignored, and then does
         *     not appear in `Link` either; so is `account_id` for anybody but an agent.
         */
        get: operations["listBookings"];
        put?: never;
        /**
         * Hold seats
         * @description Writes the booking, its seat claims and its invoice in one transaction. The hold lasts 30 minutes; paying the
         *     invoice confirms it.
         *
         *     The fare of a passenger is the flight's base fare times 0.80 (SAVER), 1.00 (CLASSIC) or 1.35 (FLEX), for an
         *     infant 10 % of that, rounded half up to cents per passenger; the tax is 12 % of the sum, rounded half up.
         *
         *     Fields are checked in documented order, the first fault is named (`passengers[0].first_name is required`).
         *     An infant holds no seat; at least one passenger is none; infants do not outnumber the others. 422 also for
         *     an unknown flight (`flight_id: no such flight`), a seat that the aircraft has not, and one seat twice. 409 for
         *     a seat that is taken, and for a flight that is full, cancelled, gone, or less than 60 minutes before departure.
         *
         *     The site's own booking form says in `X-Form-Id` which form it is. For the account that sent it and the flight,
         *     a form books once: sent again within a day it is answered with the booking that it made, as that stands now.
         *     With other names of passengers it is refused instead (409). Without the header each call books.
         */
        post: operations["createBooking"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bookings/export.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Bookings as CSV
         * @description By day of creation (UTC, both ends included), oldest first; partners get their own. Values are written as in
         *     JSON, null as nothing, quoted where they must be (RFC 4180); `passengers` is their number. Streamed: chunked,
         *     lines end in CRLF, the number of rows (without the heading) and the SHA-256 of the body follow as trailers. 503
         *     also when too many exports run at once. With another method the path names a booking with an impossible id.
         */
        get: operations["exportBookings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bookings/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * One booking
         * @description Customers and partners see their own, agents and accountants all. A foreign one is 404.
         */
        get: operations["getBooking"];
        put?: never;
        post?: never;
        /**
         * Cancel
         * @description Frees the seats and voids an unpaid invoice. Of a paid one FLEX gets all back, CLASSIC all but 50.00 per
         *     passenger, SAVER nothing; the refund itself is carried out with the acquirer afterwards, and this answer says
         *     nothing of it. A second cancellation is 409 `Booking is already cancelled.`, as is one of an expired booking;
         *     so is one after departure.
         */
        delete: operations["cancelBooking"];
        options?: never;
        head?: never;
        /**
         * Change contact, note, seats
         * @description Only what is given changes; `seat` null gives the seat up. A form names passengers by id:
         *     `passenger_<id>_seat`. Where nothing changes the version stays. With `If-Match` of another version the answer is
         *     412, after all checks of the body. 409 when the booking is neither HELD nor CONFIRMED, or a seat is taken.
         */
        patch: operations["updateBooking"];
        trace?: never;
    };
    "/api/v1/bookings/{id}/itinerary.ics": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * Itinerary for the calendar
         * @description iCalendar with one event; the same booking on an unchanged flight gives the same bytes (`DTSTAMP` is the
         *     booking's last change, `UID` its reference). No line break follows the last line. 409 for a booking that is
         *     cancelled or expired.
         */
        get: operations["getItinerary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bookings/{id}/invoice": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * The invoice of a booking
         * @description As `getInvoice`, found by the booking. 404 `No invoice for this booking.`
         */
        get: operations["getBookingInvoice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invoices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Invoices, newest first
         * @description Customers and partners see their own, accountants all. A filter whose value makes no sense is 422, all such
         *     filters are listed. `ledger_ref` is compared exactly. `account_id` is ignored for anybody but an accountant.
         */
        get: operations["listInvoices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invoices/export.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Invoices as CSV
         * @description By day of issue; otherwise as `exportBookings`. Both bad dates are listed.
         */
        get: operations["exportInvoices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invoices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * One invoice
         * @description Customers and partners see their own, agents and accountants all. A foreign one is 403.
         */
        get: operations["getInvoice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invoices/{id}/payments": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pay by card
         * @description **A declined card is a 200** with `"result":"DECLINED"`. Approved, the invoice is PAID and its booking CONFIRMED.
         *     The card number may hold spaces and dashes; all faults of the card are listed.
         *
         *     409, `field` `invoice`: `Invoice is already paid.`, `Invoice is void.`, `The booking's hold has expired.`,
         *     `A payment is in progress.`
         *
         *     503 with `Retry-After: 5`: the acquirer failed and the card was not charged. 503 with `Retry-After: 10`: nobody
         *     knows yet; the payment stays pending and is settled later, so look at the invoice before paying again.
         */
        post: operations["payInvoice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments/{id}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refund a payment
         * @description Without `amount`, all that is left. 409, `field` `payment`, when the payment was not approved, nothing is left,
         *     or the acquirer refuses. That `amount` is more than what is left is said after these and alone, with 422, since
         *     it depends on them. 503 as for `payInvoice`.
         */
        post: operations["refundPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invoices/{id}/pdf": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        /**
         * The invoice as PDF
         * @description Equal data gives equal bytes. One range is answered with 206; one that cannot be met with 416; several ranges,
         *     or an `If-Range` that does not match, with the whole file. Conditions come before ranges.
         *     Names are shown in any script of Unicode's first plane, without the joining that Indic scripts and Thai want; of
         *     rarer characters the name in the document's keywords is whole.
         */
        get: operations["getInvoicePdf"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/statements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Draw up an account's statement of a month
         * @description The statement is stored as it is drawn up. A balance is what was invoiced (void invoices left out), less what
         *     was paid, plus what was refunded. Accountants name the account and must; for others `account_id` is ignored.
         *     422 for a month that is malformed or in the future, and for an unknown account (`No such account.`).
         */
        post: operations["createStatement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's profile */
        get: operations["getProfile"];
        /**
         * Change the profile
         * @description An absent field is kept; `null` or an empty string clears it, but never `name`. Partners cannot change theirs
         *     with a key.
         */
        put: operations["updateProfile"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile/photo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload a photo
         * @description A JPEG or PNG, told by its first bytes whatever its name says, of 2 MB at most, in the part `photo`. 415 when the
         *     request is no multipart or the file another kind; 422 when there is no file, or one
         *     in another part, whatever it is; 413 when it is larger; 400 when the multipart is broken.
         */
        post: operations["uploadPhoto"];
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
        /**
         * Format: int64
         * @description An id, 1 or more. Written as a JSON number; well below 2^53.
         * @example 41
         */
        Id: number;
        /**
         * @description An id as clients may send it.
         * @example 17
         * @example 17
         */
        IdInput: number | string;
        /**
         * Format: int64
         * @description The ledger's reference, a JSON integer beyond 2^53, written exactly. `JSON.parse` alone rounds it: read it from
         *     the source text.
         * @example 9007199254740994
         */
        LedgerRef: bigint;
        /**
         * @description An amount with two decimals.
         * @example 412.50
         */
        Money: string;
        /**
         * @description An amount with two decimals that may be negative.
         * @example -50.00
         */
        SignedMoney: string;
        /** @example EUR */
        Currency: string;
        /** @enum {string} */
        YesNo: "Y" | "N";
        /**
         * @description UTC wall clock.
         * @example 2026-11-22 19:30:00
         */
        WallClock: string;
        /**
         * @description ISO 8601 with milliseconds, UTC.
         * @example 2026-11-22T19:30:00.000Z
         */
        Instant: string;
        /** @example Sun, 22 Nov 2026 19:30:00 GMT */
        HttpDate: string;
        /**
         * Format: date
         * @example 2026-11-23
         */
        Day: string;
        /** @example 2026-10 */
        Month: string;
        /**
         * @description Row and column.
         * @example 12A
         */
        Seat: string;
        /** @example LHR */
        AirportCode: string;
        /** @example MA101 */
        FlightNumber: string;
        /**
         * @description Six characters of Crockford's alphabet; a bijection of the booking's id.
         * @example K7Q2XM
         */
        BookingReference: string;
        /**
         * @description `INV-` and the booking id in eleven digits.
         * @example INV-00000000041
         */
        InvoiceNumber: string;
        /** @description `MERIDIANSESSID`, signed, with its attributes in this order. */
        SessionCookie: string;
        /** @enum {string} */
        Role: "customer" | "agent" | "accountant" | "partner";
        /** @enum {string} */
        FlightStatusCode: "SCHEDULED" | "BOARDING" | "DELAYED" | "DEPARTED" | "ARRIVED" | "CANCELLED";
        /** @enum {string} */
        FareClass: "SAVER" | "CLASSIC" | "FLEX";
        /**
         * @description HELD for 30 minutes, then CONFIRMED by payment or EXPIRED by the clean-up; CANCELLED by cancelBooking.
         * @enum {string}
         */
        BookingStatus: "HELD" | "CONFIRMED" | "CANCELLED" | "EXPIRED";
        /** @enum {string} */
        InvoiceStatus: "OPEN" | "PAID" | "PARTIALLY_REFUNDED" | "REFUNDED" | "VOID";
        /** @enum {string} */
        Title: "MR" | "MRS" | "MS" | "MX" | "DR";
        /** @example MA1234567 */
        FrequentFlyerNo: string;
        GeneralError: {
            /** @enum {string} */
            error: "bad_request" | "forbidden" | "invalid_credentials" | "not_found" | "too_large" | "unsupported_media_type" | "unavailable" | "internal";
            message: string;
        };
        GeneralInvalid: {
            /** @constant */
            error: "invalid";
            message: string;
            field: string;
        };
        Unauthorized: {
            /** @constant */
            error: "unauthorized";
            /** @constant */
            message: "Please log in or send a valid API key.";
        };
        BookingError: {
            /** @constant */
            status: "error";
            code: string;
            message: string;
        };
        BillingError: {
            errors: {
                field: string | null;
                msg: string;
            }[];
        };
        Credentials: {
            email: string;
            password: string;
            /** @description Where a form goes on; a local path. */
            next?: string;
        };
        Session: {
            account_id: components["schemas"]["Id"];
            email: string;
            name: string;
            role: components["schemas"]["Role"];
            /** @enum {string} */
            via: "session" | "api_key";
            /** @description When the session ends unless it is used; null for a key. */
            expires_at: components["schemas"]["WallClock"] | null;
        };
        Flight: {
            id: components["schemas"]["Id"];
            number: components["schemas"]["FlightNumber"];
            from: components["schemas"]["AirportCode"];
            to: components["schemas"]["AirportCode"];
            departs_at: components["schemas"]["WallClock"];
            arrives_at: components["schemas"]["WallClock"];
            /** @example A320 */
            aircraft: string;
            status: components["schemas"]["FlightStatusCode"];
            /** @example B12 */
            gate: string | null;
            base_fare: components["schemas"]["Money"];
            currency: components["schemas"]["Currency"];
        };
        SeatMap: {
            flight_id: components["schemas"]["Id"];
            aircraft: string;
            rows: number;
            columns: string;
            taken: components["schemas"]["Seat"][];
            picked: components["schemas"]["Seat"][];
        };
        /** @description The data of a status event. */
        FlightStatus: {
            flight_id: components["schemas"]["Id"];
            number: components["schemas"]["FlightNumber"];
            status: components["schemas"]["FlightStatusCode"];
            gate: string | null;
            departs_at: components["schemas"]["WallClock"];
            arrives_at: components["schemas"]["WallClock"];
            updated_at: components["schemas"]["WallClock"];
        };
        /** @description What has come so far, whole blocks. */
        EventStream: string;
        NewPassenger: {
            title?: components["schemas"]["Title"] | null;
            first_name: string;
            last_name: string;
            /** @description Without one the passenger gets no seat yet. */
            seat?: components["schemas"]["Seat"] | null;
            infant?: components["schemas"]["YesNo"];
            special_assistance?: components["schemas"]["YesNo"];
            frequent_flyer_no?: components["schemas"]["FrequentFlyerNo"] | null;
        };
        NewBooking: {
            flight_id: components["schemas"]["IdInput"];
            /** @description CLASSIC by default. */
            fare_class?: components["schemas"]["FareClass"] | null;
            passengers: components["schemas"]["NewPassenger"][];
            contact_email: string;
            contact_phone?: string | null;
            note?: string | null;
            /** @description The customer's account; of agents only, of others it is ignored. */
            account_id?: components["schemas"]["IdInput"] | null;
        };
        /**
         * @description Passengers are numbered from 1 to 9 and read up to the first gap; `passenger_2_…` to `passenger_9_…` are as those
         *     of the first.
         */
        NewBookingForm: {
            flight_id: string;
            fare_class?: string;
            passenger_1_title?: string;
            passenger_1_first_name: string;
            passenger_1_last_name: string;
            passenger_1_seat?: string;
            passenger_1_infant?: string;
            passenger_1_special_assistance?: string;
            passenger_1_frequent_flyer_no?: string;
            contact_email: string;
            contact_phone?: string;
            note?: string;
            account_id?: string;
        } & {
            [key: string]: string;
        };
        PassengerChange: {
            id: components["schemas"]["IdInput"];
            /** @description Null gives the seat up. */
            seat?: components["schemas"]["Seat"] | null;
            special_assistance?: components["schemas"]["YesNo"];
            frequent_flyer_no?: components["schemas"]["FrequentFlyerNo"] | null;
        };
        BookingChange: {
            contact_email?: string;
            contact_phone?: string | null;
            note?: string | null;
            passengers?: components["schemas"]["PassengerChange"][];
        };
        /**
         * @description `passenger_<id>_seat`, `passenger_<id>_special_assistance` and `passenger_<id>_frequent_flyer_no` change the
         *     passenger with that id.
         */
        BookingChangeForm: {
            contact_email?: string;
            contact_phone?: string;
            note?: string;
        } & {
            [key: string]: string;
        };
        BookedFlight: {
            id: components["schemas"]["Id"];
            number: components["schemas"]["FlightNumber"];
            from: components["schemas"]["AirportCode"];
            to: components["schemas"]["AirportCode"];
            departs_at: components["schemas"]["WallClock"];
            arrives_at: components["schemas"]["WallClock"];
        };
        Passenger: {
            id: components["schemas"]["Id"];
            title: components["schemas"]["Title"] | null;
            first_name: string;
            last_name: string;
            seat: components["schemas"]["Seat"] | null;
            infant: components["schemas"]["YesNo"];
            special_assistance: components["schemas"]["YesNo"];
            frequent_flyer_no: components["schemas"]["FrequentFlyerNo"] | null;
        };
        Booking: {
            id: components["schemas"]["Id"];
            reference: components["schemas"]["BookingReference"];
            status: components["schemas"]["BookingStatus"];
            account_id: components["schemas"]["Id"];
            flight: components["schemas"]["BookedFlight"];
            fare_class: components["schemas"]["FareClass"];
            passengers: components["schemas"]["Passenger"][];
            contact_email: string;
            contact_phone: string | null;
            note: string | null;
            base_amount: components["schemas"]["Money"];
            tax_amount: components["schemas"]["Money"];
            total_amount: components["schemas"]["Money"];
            currency: components["schemas"]["Currency"];
            invoice_number: components["schemas"]["InvoiceNumber"];
            /** @description Null unless HELD. */
            hold_expires_at: components["schemas"]["WallClock"] | null;
            created_at: components["schemas"]["WallClock"];
            updated_at: components["schemas"]["WallClock"];
            version: number;
        };
        Cancellation: {
            /** @constant */
            status: "CANCELLED";
        };
        InvoiceLine: {
            description: string;
            quantity: number;
            unit_amount: components["schemas"]["Money"];
            amount: components["schemas"]["Money"];
        };
        Refund: {
            id: components["schemas"]["Id"];
            /** @enum {string} */
            result: "PENDING" | "REFUNDED" | "FAILED";
            amount: components["schemas"]["Money"];
            currency: components["schemas"]["Currency"];
            reason: string;
            acquirer_ref: string | null;
            created_at: components["schemas"]["Instant"];
        };
        Payment: {
            id: components["schemas"]["Id"];
            /** @enum {string} */
            result: "PENDING" | "APPROVED" | "DECLINED" | "FAILED";
            decline_reason: string | null;
            amount: components["schemas"]["Money"];
            currency: components["schemas"]["Currency"];
            /** @enum {string} */
            card_brand: "VISA" | "MASTERCARD" | "AMEX" | "OTHER";
            card_last4: string;
            acquirer_ref: string | null;
            created_at: components["schemas"]["Instant"];
            refunds: components["schemas"]["Refund"][];
        };
        Invoice: {
            id: components["schemas"]["Id"];
            number: components["schemas"]["InvoiceNumber"];
            booking_id: components["schemas"]["Id"];
            booking_reference: components["schemas"]["BookingReference"];
            account_id: components["schemas"]["Id"];
            bill_to: string;
            status: components["schemas"]["InvoiceStatus"];
            currency: components["schemas"]["Currency"];
            lines: components["schemas"]["InvoiceLine"][];
            net: components["schemas"]["Money"];
            tax: components["schemas"]["Money"];
            total: components["schemas"]["Money"];
            paid: components["schemas"]["Money"];
            refunded: components["schemas"]["Money"];
            ledger_ref: components["schemas"]["LedgerRef"];
            issued_at: components["schemas"]["Instant"];
            due_at: components["schemas"]["Instant"];
            paid_at: components["schemas"]["Instant"] | null;
            payments: components["schemas"]["Payment"][];
        };
        CardPayment: {
            /** @description 12 to 19 digits that pass the Luhn check; spaces and dashes are allowed. */
            card_number: string;
            /** @description MM/YY, not past. */
            expiry: string;
            cvc: string;
            card_holder: string;
            /** @description If given, the invoice's total. */
            amount?: components["schemas"]["Money"] | null;
        };
        PaymentOutcome: {
            /** @enum {string} */
            result: "APPROVED" | "DECLINED";
            /** @description Why it was declined. */
            reason: string | null;
            payment: components["schemas"]["Payment"];
            invoice_status: components["schemas"]["InvoiceStatus"];
        };
        NewRefund: {
            /** @description All that is left by default. */
            amount?: components["schemas"]["Money"] | null;
            reason: string;
        };
        PaymentRefund: {
            id: components["schemas"]["Id"];
            payment_id: components["schemas"]["Id"];
            /** @enum {string} */
            result: "REFUNDED";
            amount: components["schemas"]["Money"];
            currency: components["schemas"]["Currency"];
            reason: string;
            acquirer_ref: string | null;
            created_at: components["schemas"]["Instant"];
        };
        NewStatement: {
            month: components["schemas"]["Month"];
            /** @description Accountants must name it; of others it is ignored. */
            account_id?: components["schemas"]["IdInput"] | null;
        };
        StatementLine: {
            at: components["schemas"]["Instant"];
            /** @enum {string} */
            kind: "INVOICE" | "PAYMENT" | "REFUND";
            invoice_number: components["schemas"]["InvoiceNumber"];
            amount: components["schemas"]["Money"];
        };
        Statement: {
            id: components["schemas"]["Id"];
            account_id: components["schemas"]["Id"];
            month: components["schemas"]["Month"];
            currency: components["schemas"]["Currency"];
            opening_balance: components["schemas"]["SignedMoney"];
            invoiced: components["schemas"]["Money"];
            paid: components["schemas"]["Money"];
            refunded: components["schemas"]["Money"];
            closing_balance: components["schemas"]["SignedMoney"];
            lines: components["schemas"]["StatementLine"][];
            generated_at: components["schemas"]["Instant"];
        };
        Profile: {
            account_id: components["schemas"]["Id"];
            email: string;
            name: string;
            phone: string | null;
            address: string | null;
            newsletter: components["schemas"]["YesNo"];
            /** Format: int64 */
            miles: number;
            photo_url: components["schemas"]["PhotoUrl"] | null;
            bookings_upcoming: number;
            invoices_open: number;
            member_since: components["schemas"]["WallClock"];
        };
        ProfileChange: {
            name?: string;
            phone?: string | null;
            address?: string | null;
            newsletter?: components["schemas"]["YesNo"];
        };
        /**
         * @description Account id and the beginning of the photo's hash.
         * @example /photos/7-9f86d081.jpg
         */
        PhotoUrl: string;
        StoredPhoto: {
            photo_url: components["schemas"]["PhotoUrl"];
        };
    };
    responses: {
        /** @description No valid session and no valid key. The same bytes on every operation. */
        Unauthorized: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                /** @description How to authenticate. */
                "WWW-Authenticate": "Session realm=\"Meridian Air\"";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "unauthorized",
                 *       "message": "Please log in or send a valid API key."
                 *     }
                 */
                "application/json": components["schemas"]["Unauthorized"];
            };
        };
        /** @description The client has it. */
        NotModified: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The client has this page. */
        ListNotModified: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                Link: components["headers"]["Link"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                "X-Total-Count": components["headers"]["TotalCount"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The invoice. */
        Invoice: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Last-Modified": components["headers"]["LastModified"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Invoice"];
            };
        };
        /** @description The client has it. */
        InvoiceNotModified: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Last-Modified": components["headers"]["LastModified"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The profile. */
        Profile: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Profile"];
            };
        };
        /** @description The body is malformed, or no object. */
        GeneralBadRequest: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "bad_request",
                 *       "message": "The body is malformed."
                 *     }
                 */
                "application/json": components["schemas"]["GeneralError"] & {
                    /** @constant */
                    error?: "bad_request";
                };
            };
        };
        /** @description The role may not do this. */
        GeneralForbidden: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "forbidden",
                 *       "message": "API keys cannot log out."
                 *     }
                 */
                "application/json": components["schemas"]["GeneralError"] & {
                    /** @constant */
                    error?: "forbidden";
                };
            };
        };
        /** @description There is none. */
        GeneralNotFound: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "not_found",
                 *       "message": "No such flight."
                 *     }
                 */
                "application/json": components["schemas"]["GeneralError"] & {
                    /** @constant */
                    error?: "not_found";
                };
            };
        };
        /** @description The body is too large. */
        GeneralTooLarge: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "too_large",
                 *       "message": "The body is too large."
                 *     }
                 */
                "application/json": components["schemas"]["GeneralError"] & {
                    /** @constant */
                    error?: "too_large";
                };
            };
        };
        /** @description The body is of another content type, or of none. */
        GeneralUnsupported: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "unsupported_media_type",
                 *       "message": "Please send JSON or a form."
                 *     }
                 */
                "application/json": components["schemas"]["GeneralError"] & {
                    /** @constant */
                    error?: "unsupported_media_type";
                };
            };
        };
        /** @description A field or query value does not fit; the first one is named. */
        GeneralInvalid: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "invalid",
                 *       "message": "from is required",
                 *       "field": "from"
                 *     }
                 */
                "application/json": components["schemas"]["GeneralInvalid"];
            };
        };
        /** @description Something went wrong inside; it is logged. */
        GeneralInternal: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewedIfKnown"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "internal",
                 *       "message": "Something went wrong."
                 *     }
                 */
                "application/json": components["schemas"]["GeneralError"] & {
                    /** @constant */
                    error?: "internal";
                };
            };
        };
        /** @description The database cannot be reached. */
        GeneralUnavailable: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Retry-After": components["headers"]["RetryAfter"];
                "Set-Cookie": components["headers"]["SessionRenewedIfKnown"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "unavailable",
                 *       "message": "Please try again later."
                 *     }
                 */
                "application/json": components["schemas"]["GeneralError"] & {
                    /** @constant */
                    error?: "unavailable";
                };
            };
        };
        /** @description The body is malformed, or no object. */
        BookingBadRequest: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-400",
                 *       "message": "The body is malformed."
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-400";
                };
            };
        };
        /** @description The role may not do this. */
        BookingForbidden: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-403",
                 *       "message": "Your role may not do this."
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-403";
                };
            };
        };
        /** @description There is none, or it is somebody else's. */
        BookingNotFound: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-404",
                 *       "message": "No such booking."
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-404";
                };
            };
        };
        /** @description The state of booking, flight or seat does not allow it. */
        BookingConflict: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-409",
                 *       "message": "Seat 12A is taken."
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-409";
                };
            };
        };
        /** @description `If-Match` names another version. */
        BookingPrecondition: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-412",
                 *       "message": "The booking was changed meanwhile."
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-412";
                };
            };
        };
        /** @description The body is too large. */
        BookingTooLarge: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-413",
                 *       "message": "The body is too large."
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-413";
                };
            };
        };
        /** @description The body is of another content type, or of none. */
        BookingUnsupported: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-415",
                 *       "message": "Please send JSON or a form."
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-415";
                };
            };
        };
        /** @description A field or query value does not fit; the first one is named. */
        BookingInvalid: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-422",
                 *       "message": "passengers[0].first_name is required"
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-422";
                };
            };
        };
        /** @description Something went wrong inside; it is logged. */
        BookingInternal: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewedIfKnown"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-500",
                 *       "message": "Something went wrong."
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-500";
                };
            };
        };
        /** @description The database cannot be reached. */
        BookingUnavailable: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Retry-After": components["headers"]["RetryAfter"];
                "Set-Cookie": components["headers"]["SessionRenewedIfKnown"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "status": "error",
                 *       "code": "BKG-503",
                 *       "message": "Please try again later."
                 *     }
                 */
                "application/json": components["schemas"]["BookingError"] & {
                    /** @constant */
                    code?: "BKG-503";
                };
            };
        };
        /** @description The body is malformed, or no object. */
        BillingBadRequest: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "errors": [
                 *         {
                 *           "field": null,
                 *           "msg": "The body is malformed."
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BillingError"];
            };
        };
        /** @description The role may not do this, or the invoice is somebody else's. */
        BillingForbidden: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "errors": [
                 *         {
                 *           "field": null,
                 *           "msg": "This invoice belongs to another account."
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BillingError"];
            };
        };
        /** @description There is none. */
        BillingNotFound: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "errors": [
                 *         {
                 *           "field": null,
                 *           "msg": "No such invoice."
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BillingError"];
            };
        };
        /** @description The state of invoice or payment does not allow it. */
        BillingConflict: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "errors": [
                 *         {
                 *           "field": "invoice",
                 *           "msg": "Invoice is already paid."
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BillingError"];
            };
        };
        /** @description The body is too large. */
        BillingTooLarge: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "errors": [
                 *         {
                 *           "field": null,
                 *           "msg": "The body is too large."
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BillingError"];
            };
        };
        /** @description The body is of another content type, or of none. */
        BillingUnsupported: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "errors": [
                 *         {
                 *           "field": null,
                 *           "msg": "Please send JSON or a form."
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BillingError"];
            };
        };
        /** @description Fields or query values do not fit; all are listed. */
        BillingInvalid: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewed"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "errors": [
                 *         {
                 *           "field": "card_number",
                 *           "msg": "Card number is not valid."
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BillingError"];
            };
        };
        /** @description Something went wrong inside; it is logged. */
        BillingInternal: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Set-Cookie": components["headers"]["SessionRenewedIfKnown"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "errors": [
                 *         {
                 *           "field": null,
                 *           "msg": "Something went wrong."
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BillingError"];
            };
        };
        /** @description The database, or the acquirer, cannot be reached. */
        BillingUnavailable: {
            headers: {
                ETag: components["headers"]["WeakETag"];
                "Retry-After": components["headers"]["AcquirerRetryAfter"];
                "Set-Cookie": components["headers"]["SessionRenewedIfKnown"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "errors": [
                 *         {
                 *           "field": null,
                 *           "msg": "Please try again later."
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BillingError"];
            };
        };
    };
    parameters: {
        /** @description The id. Anything but 1 to 18 digits is 404. */
        Id: components["schemas"]["Id"];
        /** @description Which page; garbage means the first. */
        Page: number;
        /** @description Items per page; garbage means 20, more than 100 means 100. */
        PerPage: number;
        /** @description First day, UTC. */
        From: components["schemas"]["Day"];
        /** @description Last day, UTC. */
        To: components["schemas"]["Day"];
        /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
        IfNoneMatch: string;
        /** @description 304 if nothing changed since. Not looked at beside `If-None-Match`. */
        IfModifiedSince: string;
        /**
         * @description 412 unless one of these `ETag`s is the current one; `*` is any.
         * @example "41-1"
         */
        IfMatch: string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description Express's weak tag, of the body's length and bytes.
         * @example W/"3c-2Gg1WYFrBrNSZX0O8Wl8RHVrVvM"
         */
        WeakETag: string;
        /**
         * @description Strong, made of the booking's id and version.
         * @example "41-1"
         */
        BookingETag: string;
        /** @description Strong, of the file's bytes. */
        PdfETag: string;
        /** @description The invoice's last change, cut to seconds. */
        LastModified: components["schemas"]["HttpDate"];
        /** @description The new session. */
        SessionStarted: components["schemas"]["SessionCookie"];
        /** @description The same id with a later `Expires`, on every answer to a request with a valid session. */
        SessionRenewed: components["schemas"]["SessionCookie"];
        /** @description The cookie is taken away. */
        SessionCleared: "MERIDIANSESSID=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax";
        /** @description As elsewhere, if the session could be read at all. */
        SessionRenewedIfKnown: components["schemas"]["SessionCookie"];
        /**
         * @description How many items there are on all pages.
         * @example 43
         */
        TotalCount: string;
        /**
         * @description The pages first, prev, next, last, those that exist. Absent when there is no item.
         * @example </api/v1/bookings?status=HELD&page=1&per_page=20>; rel="first", </api/v1/bookings?status=HELD&page=2&per_page=20>; rel="next", </api/v1/bookings?status=HELD&page=3&per_page=20>; rel="last"
         */
        Link: string;
        /** @description Seconds to wait. */
        RetryAfter: "5";
        /** @description Seconds to wait. 10 when a payment's or refund's outcome is not known yet. */
        AcquirerRetryAfter: "5" | "10";
        /**
         * @description Offered for download under the booking's reference.
         * @example attachment; filename="meridian-K7Q2XM.ics"
         */
        ItineraryDisposition: string;
        /**
         * @description Shown in the browser; saved under the invoice's number.
         * @example inline; filename="INV-00000000041.pdf"
         */
        PdfDisposition: string;
        /** @description Ranges are honoured. */
        AcceptRanges: "bytes";
        /** @description The trailers that follow the body. */
        Trailer: "X-Row-Count, X-Content-SHA256";
    };
    pathItems: never;
}
export type Id = components['schemas']['Id'];
export type IdInput = components['schemas']['IdInput'];
export type LedgerRef = components['schemas']['LedgerRef'];
export type Money = components['schemas']['Money'];
export type SignedMoney = components['schemas']['SignedMoney'];
export type Currency = components['schemas']['Currency'];
export type YesNo = components['schemas']['YesNo'];
export type WallClock = components['schemas']['WallClock'];
export type Instant = components['schemas']['Instant'];
export type HttpDate = components['schemas']['HttpDate'];
export type Day = components['schemas']['Day'];
export type Month = components['schemas']['Month'];
export type Seat = components['schemas']['Seat'];
export type AirportCode = components['schemas']['AirportCode'];
export type FlightNumber = components['schemas']['FlightNumber'];
export type BookingReference = components['schemas']['BookingReference'];
export type InvoiceNumber = components['schemas']['InvoiceNumber'];
export type SessionCookie = components['schemas']['SessionCookie'];
export type Role = components['schemas']['Role'];
export type FlightStatusCode = components['schemas']['FlightStatusCode'];
export type FareClass = components['schemas']['FareClass'];
export type BookingStatus = components['schemas']['BookingStatus'];
export type InvoiceStatus = components['schemas']['InvoiceStatus'];
export type Title = components['schemas']['Title'];
export type FrequentFlyerNo = components['schemas']['FrequentFlyerNo'];
export type GeneralError = components['schemas']['GeneralError'];
export type GeneralInvalid = components['schemas']['GeneralInvalid'];
export type Unauthorized = components['schemas']['Unauthorized'];
export type BookingError = components['schemas']['BookingError'];
export type BillingError = components['schemas']['BillingError'];
export type Credentials = components['schemas']['Credentials'];
export type Session = components['schemas']['Session'];
export type Flight = components['schemas']['Flight'];
export type SeatMap = components['schemas']['SeatMap'];
export type FlightStatus = components['schemas']['FlightStatus'];
export type EventStream = components['schemas']['EventStream'];
export type NewPassenger = components['schemas']['NewPassenger'];
export type NewBooking = components['schemas']['NewBooking'];
export type NewBookingForm = components['schemas']['NewBookingForm'];
export type PassengerChange = components['schemas']['PassengerChange'];
export type BookingChange = components['schemas']['BookingChange'];
export type BookingChangeForm = components['schemas']['BookingChangeForm'];
export type BookedFlight = components['schemas']['BookedFlight'];
export type Passenger = components['schemas']['Passenger'];
export type Booking = components['schemas']['Booking'];
export type Cancellation = components['schemas']['Cancellation'];
export type InvoiceLine = components['schemas']['InvoiceLine'];
export type Refund = components['schemas']['Refund'];
export type Payment = components['schemas']['Payment'];
export type Invoice = components['schemas']['Invoice'];
export type CardPayment = components['schemas']['CardPayment'];
export type PaymentOutcome = components['schemas']['PaymentOutcome'];
export type NewRefund = components['schemas']['NewRefund'];
export type PaymentRefund = components['schemas']['PaymentRefund'];
export type NewStatement = components['schemas']['NewStatement'];
export type StatementLine = components['schemas']['StatementLine'];
export type Statement = components['schemas']['Statement'];
export type Profile = components['schemas']['Profile'];
export type ProfileChange = components['schemas']['ProfileChange'];
export type PhotoUrl = components['schemas']['PhotoUrl'];
export type StoredPhoto = components['schemas']['StoredPhoto'];
export type ResponseUnauthorized = components['responses']['Unauthorized'];
export type ResponseNotModified = components['responses']['NotModified'];
export type ResponseListNotModified = components['responses']['ListNotModified'];
export type ResponseInvoice = components['responses']['Invoice'];
export type ResponseInvoiceNotModified = components['responses']['InvoiceNotModified'];
export type ResponseProfile = components['responses']['Profile'];
export type ResponseGeneralBadRequest = components['responses']['GeneralBadRequest'];
export type ResponseGeneralForbidden = components['responses']['GeneralForbidden'];
export type ResponseGeneralNotFound = components['responses']['GeneralNotFound'];
export type ResponseGeneralTooLarge = components['responses']['GeneralTooLarge'];
export type ResponseGeneralUnsupported = components['responses']['GeneralUnsupported'];
export type ResponseGeneralInvalid = components['responses']['GeneralInvalid'];
export type ResponseGeneralInternal = components['responses']['GeneralInternal'];
export type ResponseGeneralUnavailable = components['responses']['GeneralUnavailable'];
export type ResponseBookingBadRequest = components['responses']['BookingBadRequest'];
export type ResponseBookingForbidden = components['responses']['BookingForbidden'];
export type ResponseBookingNotFound = components['responses']['BookingNotFound'];
export type ResponseBookingConflict = components['responses']['BookingConflict'];
export type ResponseBookingPrecondition = components['responses']['BookingPrecondition'];
export type ResponseBookingTooLarge = components['responses']['BookingTooLarge'];
export type ResponseBookingUnsupported = components['responses']['BookingUnsupported'];
export type ResponseBookingInvalid = components['responses']['BookingInvalid'];
export type ResponseBookingInternal = components['responses']['BookingInternal'];
export type ResponseBookingUnavailable = components['responses']['BookingUnavailable'];
export type ResponseBillingBadRequest = components['responses']['BillingBadRequest'];
export type ResponseBillingForbidden = components['responses']['BillingForbidden'];
export type ResponseBillingNotFound = components['responses']['BillingNotFound'];
export type ResponseBillingConflict = components['responses']['BillingConflict'];
export type ResponseBillingTooLarge = components['responses']['BillingTooLarge'];
export type ResponseBillingUnsupported = components['responses']['BillingUnsupported'];
export type ResponseBillingInvalid = components['responses']['BillingInvalid'];
export type ResponseBillingInternal = components['responses']['BillingInternal'];
export type ResponseBillingUnavailable = components['responses']['BillingUnavailable'];
export type ParameterId = components['parameters']['Id'];
export type ParameterPage = components['parameters']['Page'];
export type ParameterPerPage = components['parameters']['PerPage'];
export type ParameterFrom = components['parameters']['From'];
export type ParameterTo = components['parameters']['To'];
export type ParameterIfNoneMatch = components['parameters']['IfNoneMatch'];
export type ParameterIfModifiedSince = components['parameters']['IfModifiedSince'];
export type ParameterIfMatch = components['parameters']['IfMatch'];
export type HeaderWeakETag = components['headers']['WeakETag'];
export type HeaderBookingETag = components['headers']['BookingETag'];
export type HeaderPdfETag = components['headers']['PdfETag'];
export type HeaderLastModified = components['headers']['LastModified'];
export type HeaderSessionStarted = components['headers']['SessionStarted'];
export type HeaderSessionRenewed = components['headers']['SessionRenewed'];
export type HeaderSessionCleared = components['headers']['SessionCleared'];
export type HeaderSessionRenewedIfKnown = components['headers']['SessionRenewedIfKnown'];
export type HeaderTotalCount = components['headers']['TotalCount'];
export type HeaderLink = components['headers']['Link'];
export type HeaderRetryAfter = components['headers']['RetryAfter'];
export type HeaderAcquirerRetryAfter = components['headers']['AcquirerRetryAfter'];
export type HeaderItineraryDisposition = components['headers']['ItineraryDisposition'];
export type HeaderPdfDisposition = components['headers']['PdfDisposition'];
export type HeaderAcceptRanges = components['headers']['AcceptRanges'];
export type HeaderTrailer = components['headers']['Trailer'];
export type $defs = Record<string, never>;
export interface operations {
    getSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller. */
            200: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "account_id": 5,
                     *       "email": "partner@globetrotter.example",
                     *       "name": "Globetrotter Travel",
                     *       "role": "partner",
                     *       "via": "api_key",
                     *       "expires_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["Session"];
                };
            };
            304: components["responses"]["NotModified"];
            401: components["responses"]["Unauthorized"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "alice@example.com",
                 *       "password": "meridian"
                 *     }
                 */
                "application/json": components["schemas"]["Credentials"];
                /**
                 * @example {
                 *       "email": "alice@example.com",
                 *       "password": "meridian",
                 *       "next": "/bookings/41"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["Credentials"];
            };
        };
        responses: {
            /** @description Logged in (JSON). */
            200: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionStarted"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "account_id": 1,
                     *       "email": "alice@example.com",
                     *       "name": "Alice Martin",
                     *       "role": "customer",
                     *       "via": "session",
                     *       "expires_at": "2026-11-22 20:00:00"
                     *     }
                     */
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Logged in (form). The body is text or HTML, as `Accept` asks, and empty without a type if it takes neither. */
            302: {
                headers: {
                    /** @description Where to go on, a local path. */
                    Location: string;
                    /** @description The body's type depends on `Accept`. */
                    Vary: "Accept";
                    "Set-Cookie": components["headers"]["SessionStarted"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example Found. Redirecting to /bookings */
                    "text/plain": string;
                    /** @example <p>Found. Redirecting to /bookings</p> */
                    "text/html": string;
                };
            };
            400: components["responses"]["GeneralBadRequest"];
            /** @description E-mail or password is wrong; the answer does not say which. */
            403: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "error": "invalid_credentials",
                     *       "message": "E-mail or password is wrong."
                     *     }
                     */
                    "application/json": components["schemas"]["GeneralError"] & {
                        /** @constant */
                        error?: "invalid_credentials";
                    };
                };
            };
            413: components["responses"]["GeneralTooLarge"];
            415: components["responses"]["GeneralUnsupported"];
            422: components["responses"]["GeneralInvalid"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
    deleteSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Logged out. */
            204: {
                headers: {
                    "Set-Cookie": components["headers"]["SessionCleared"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["GeneralForbidden"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
    searchFlights: {
        parameters: {
            query: {
                /**
                 * @description IATA code of the origin.
                 * @example LHR
                 */
                from: string;
                /**
                 * @description IATA code of the destination.
                 * @example JFK
                 */
                to: string;
                /** @description Day of departure, UTC. */
                date: components["schemas"]["Day"];
                /** @description Which page; garbage means the first. */
                page?: components["parameters"]["Page"];
                /** @description Items per page; garbage means 20, more than 100 means 100. */
                per_page?: components["parameters"]["PerPage"];
            };
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of flights. */
            200: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    Link: components["headers"]["Link"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    "X-Total-Count": components["headers"]["TotalCount"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flight"][];
                };
            };
            304: components["responses"]["ListNotModified"];
            422: components["responses"]["GeneralInvalid"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
    getFlight: {
        parameters: {
            query?: never;
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The flight. */
            200: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Flight"];
                };
            };
            304: components["responses"]["NotModified"];
            404: components["responses"]["GeneralNotFound"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
    getSeatMap: {
        parameters: {
            query?: never;
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The seat map. */
            200: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "flight_id": 17,
                     *       "aircraft": "A320",
                     *       "rows": 30,
                     *       "columns": "ABCDEF",
                     *       "taken": [
                     *         "1A",
                     *         "12A",
                     *         "12B"
                     *       ],
                     *       "picked": []
                     *     }
                     */
                    "application/json": components["schemas"]["SeatMap"];
                };
            };
            304: components["responses"]["NotModified"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["GeneralNotFound"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
    streamFlightStatus: {
        parameters: {
            query?: never;
            header?: {
                /** @description The id of the last event seen. Browsers send it when they reconnect. */
                "Last-Event-ID"?: string;
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    /** @description Events are never stored. */
                    "Cache-Control": "no-cache";
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventStream"];
                };
            };
            404: components["responses"]["GeneralNotFound"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
    listBookings: {
        parameters: {
            query?: {
                /** @description Only bookings in this state. */
                status?: components["schemas"]["BookingStatus"];
                /** @description Only bookings of this flight. */
                flight_id?: components["schemas"]["Id"];
                /** @description Only bookings of this account (agents). */
                account_id?: components["schemas"]["Id"];
                /** @description Created on this day (UTC) or later. */
                created_from?: components["schemas"]["Day"];
                /** @description Created on this day (UTC) or earlier. */
                created_to?: components["schemas"]["Day"];
                /** @description Which page; garbage means the first. */
                page?: components["parameters"]["Page"];
                /** @description Items per page; garbage means 20, more than 100 means 100. */
                per_page?: components["parameters"]["PerPage"];
            };
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of bookings. */
            200: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    Link: components["headers"]["Link"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    "X-Total-Count": components["headers"]["TotalCount"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Booking"][];
                };
            };
            304: components["responses"]["ListNotModified"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BookingForbidden"];
            500: components["responses"]["BookingInternal"];
            503: components["responses"]["BookingUnavailable"];
        };
    };
    createBooking: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The id of the site's form that this call comes from; other clients leave it out.
                 * @example mi9k2v3s.Zm9ybXMtYXJlLXNlbnQt
                 */
                "X-Form-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "flight_id": 17,
                 *       "fare_class": "CLASSIC",
                 *       "passengers": [
                 *         {
                 *           "title": "MS",
                 *           "first_name": "Alice",
                 *           "last_name": "Martin",
                 *           "seat": "12A"
                 *         },
                 *         {
                 *           "first_name": "Tom",
                 *           "last_name": "Martin",
                 *           "infant": "Y"
                 *         }
                 *       ],
                 *       "contact_email": "alice@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["NewBooking"];
                /**
                 * @example {
                 *       "flight_id": "17",
                 *       "fare_class": "CLASSIC",
                 *       "passenger_1_title": "MS",
                 *       "passenger_1_first_name": "Alice",
                 *       "passenger_1_last_name": "Martin",
                 *       "passenger_1_seat": "12A",
                 *       "contact_email": "alice@example.com"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["NewBookingForm"];
            };
        };
        responses: {
            /** @description The seats are held. */
            201: {
                headers: {
                    ETag: components["headers"]["BookingETag"];
                    /** @description The new booking. */
                    Location: string;
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Booking"];
                };
            };
            400: components["responses"]["BookingBadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BookingForbidden"];
            409: components["responses"]["BookingConflict"];
            413: components["responses"]["BookingTooLarge"];
            415: components["responses"]["BookingUnsupported"];
            422: components["responses"]["BookingInvalid"];
            500: components["responses"]["BookingInternal"];
            503: components["responses"]["BookingUnavailable"];
        };
    };
    exportBookings: {
        parameters: {
            query?: {
                /** @description First day, UTC. */
                from?: components["parameters"]["From"];
                /** @description Last day, UTC. */
                to?: components["parameters"]["To"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    /** @description Offered for download. */
                    "Content-Disposition": "attachment; filename=\"bookings.csv\"";
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    Trailer: components["headers"]["Trailer"];
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BookingForbidden"];
            422: components["responses"]["BookingInvalid"];
            500: components["responses"]["BookingInternal"];
            503: components["responses"]["BookingUnavailable"];
        };
    };
    getBooking: {
        parameters: {
            query?: never;
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The booking. */
            200: {
                headers: {
                    ETag: components["headers"]["BookingETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Booking"];
                };
            };
            /** @description The client has this version. */
            304: {
                headers: {
                    ETag: components["headers"]["BookingETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["BookingNotFound"];
            500: components["responses"]["BookingInternal"];
            503: components["responses"]["BookingUnavailable"];
        };
    };
    cancelBooking: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description 412 unless one of these `ETag`s is the current one; `*` is any.
                 * @example "41-1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Cancelled. Only the new status is told. */
            200: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "CANCELLED"
                     *     }
                     */
                    "application/json": components["schemas"]["Cancellation"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BookingForbidden"];
            404: components["responses"]["BookingNotFound"];
            409: components["responses"]["BookingConflict"];
            412: components["responses"]["BookingPrecondition"];
            500: components["responses"]["BookingInternal"];
            503: components["responses"]["BookingUnavailable"];
        };
    };
    updateBooking: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description 412 unless one of these `ETag`s is the current one; `*` is any.
                 * @example "41-1"
                 */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "note": "Late arrival",
                 *       "passengers": [
                 *         {
                 *           "id": 61,
                 *           "seat": "14C"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["BookingChange"];
                /**
                 * @example {
                 *       "note": "Late arrival",
                 *       "passenger_61_seat": "14C"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["BookingChangeForm"];
            };
        };
        responses: {
            /** @description The booking as it is now. */
            200: {
                headers: {
                    ETag: components["headers"]["BookingETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Booking"];
                };
            };
            400: components["responses"]["BookingBadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BookingForbidden"];
            404: components["responses"]["BookingNotFound"];
            409: components["responses"]["BookingConflict"];
            412: components["responses"]["BookingPrecondition"];
            413: components["responses"]["BookingTooLarge"];
            415: components["responses"]["BookingUnsupported"];
            422: components["responses"]["BookingInvalid"];
            500: components["responses"]["BookingInternal"];
            503: components["responses"]["BookingUnavailable"];
        };
    };
    getItinerary: {
        parameters: {
            query?: never;
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The calendar. */
            200: {
                headers: {
                    "Content-Disposition": components["headers"]["ItineraryDisposition"];
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    "text/calendar": string;
                };
            };
            /** @description The client has it. */
            304: {
                headers: {
                    "Content-Disposition": components["headers"]["ItineraryDisposition"];
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BookingForbidden"];
            404: components["responses"]["BookingNotFound"];
            409: components["responses"]["BookingConflict"];
            500: components["responses"]["BookingInternal"];
            503: components["responses"]["BookingUnavailable"];
        };
    };
    getBookingInvoice: {
        parameters: {
            query?: never;
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description 304 if nothing changed since. Not looked at beside `If-None-Match`. */
                "If-Modified-Since"?: components["parameters"]["IfModifiedSince"];
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Invoice"];
            304: components["responses"]["InvoiceNotModified"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BillingForbidden"];
            404: components["responses"]["BillingNotFound"];
            500: components["responses"]["BillingInternal"];
            503: components["responses"]["BillingUnavailable"];
        };
    };
    listInvoices: {
        parameters: {
            query?: {
                /** @description Only invoices in this state. */
                status?: components["schemas"]["InvoiceStatus"];
                /** @description Only invoices of this account (accountants). */
                account_id?: components["schemas"]["Id"];
                /** @description Only the invoice of this booking. */
                booking_id?: components["schemas"]["Id"];
                /** @description Only the invoice with this reference. */
                ledger_ref?: components["schemas"]["LedgerRef"];
                /** @description Issued on this day (UTC) or later. */
                issued_from?: components["schemas"]["Day"];
                /** @description Issued on this day (UTC) or earlier. */
                issued_to?: components["schemas"]["Day"];
                /** @description Which page; garbage means the first. */
                page?: components["parameters"]["Page"];
                /** @description Items per page; garbage means 20, more than 100 means 100. */
                per_page?: components["parameters"]["PerPage"];
            };
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of invoices. */
            200: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    Link: components["headers"]["Link"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    "X-Total-Count": components["headers"]["TotalCount"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invoice"][];
                };
            };
            304: components["responses"]["ListNotModified"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BillingForbidden"];
            422: components["responses"]["BillingInvalid"];
            500: components["responses"]["BillingInternal"];
            503: components["responses"]["BillingUnavailable"];
        };
    };
    exportInvoices: {
        parameters: {
            query?: {
                /** @description First day, UTC. */
                from?: components["parameters"]["From"];
                /** @description Last day, UTC. */
                to?: components["parameters"]["To"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    /** @description Offered for download. */
                    "Content-Disposition": "attachment; filename=\"invoices.csv\"";
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    Trailer: components["headers"]["Trailer"];
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BillingForbidden"];
            422: components["responses"]["BillingInvalid"];
            500: components["responses"]["BillingInternal"];
            503: components["responses"]["BillingUnavailable"];
        };
    };
    getInvoice: {
        parameters: {
            query?: never;
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description 304 if nothing changed since. Not looked at beside `If-None-Match`. */
                "If-Modified-Since"?: components["parameters"]["IfModifiedSince"];
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Invoice"];
            304: components["responses"]["InvoiceNotModified"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BillingForbidden"];
            404: components["responses"]["BillingNotFound"];
            500: components["responses"]["BillingInternal"];
            503: components["responses"]["BillingUnavailable"];
        };
    };
    payInvoice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CardPayment"];
                "application/x-www-form-urlencoded": components["schemas"]["CardPayment"];
            };
        };
        responses: {
            /** @description Approved or declined. */
            200: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentOutcome"];
                };
            };
            400: components["responses"]["BillingBadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BillingForbidden"];
            404: components["responses"]["BillingNotFound"];
            409: components["responses"]["BillingConflict"];
            413: components["responses"]["BillingTooLarge"];
            415: components["responses"]["BillingUnsupported"];
            422: components["responses"]["BillingInvalid"];
            500: components["responses"]["BillingInternal"];
            503: components["responses"]["BillingUnavailable"];
        };
    };
    refundPayment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "amount": "50.00",
                 *       "reason": "Goodwill"
                 *     }
                 */
                "application/json": components["schemas"]["NewRefund"];
                /**
                 * @example {
                 *       "reason": "Goodwill"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["NewRefund"];
            };
        };
        responses: {
            /** @description Refunded. */
            201: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 9,
                     *       "payment_id": 33,
                     *       "result": "REFUNDED",
                     *       "amount": "50.00",
                     *       "currency": "EUR",
                     *       "reason": "Goodwill",
                     *       "acquirer_ref": "rf_000009",
                     *       "created_at": "2026-11-22T19:45:10.250Z"
                     *     }
                     */
                    "application/json": components["schemas"]["PaymentRefund"];
                };
            };
            400: components["responses"]["BillingBadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BillingForbidden"];
            404: components["responses"]["BillingNotFound"];
            409: components["responses"]["BillingConflict"];
            413: components["responses"]["BillingTooLarge"];
            415: components["responses"]["BillingUnsupported"];
            422: components["responses"]["BillingInvalid"];
            500: components["responses"]["BillingInternal"];
            503: components["responses"]["BillingUnavailable"];
        };
    };
    getInvoicePdf: {
        parameters: {
            query?: never;
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description 304 if nothing changed since. Not looked at beside `If-None-Match`. */
                "If-Modified-Since"?: components["parameters"]["IfModifiedSince"];
                /**
                 * @description A range of bytes.
                 * @example bytes=0-1023
                 */
                Range?: string;
                /** @description The range counts only if this `ETag` or `Last-Modified` still holds. */
                "If-Range"?: string;
            };
            path: {
                /** @description The id. Anything but 1 to 18 digits is 404. */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole file. */
            200: {
                headers: {
                    "Accept-Ranges": components["headers"]["AcceptRanges"];
                    "Content-Disposition": components["headers"]["PdfDisposition"];
                    ETag: components["headers"]["PdfETag"];
                    "Last-Modified": components["headers"]["LastModified"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": string;
                };
            };
            /** @description The range asked for. */
            206: {
                headers: {
                    "Accept-Ranges": components["headers"]["AcceptRanges"];
                    "Content-Disposition": components["headers"]["PdfDisposition"];
                    /** @description Which bytes these are, and of how many. */
                    "Content-Range": string;
                    ETag: components["headers"]["PdfETag"];
                    "Last-Modified": components["headers"]["LastModified"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": string;
                };
            };
            /** @description The client has it. */
            304: {
                headers: {
                    "Accept-Ranges": components["headers"]["AcceptRanges"];
                    "Content-Disposition": components["headers"]["PdfDisposition"];
                    ETag: components["headers"]["PdfETag"];
                    "Last-Modified": components["headers"]["LastModified"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BillingForbidden"];
            404: components["responses"]["BillingNotFound"];
            /** @description The range lies beyond the file. */
            416: {
                headers: {
                    /** @description The file's length. */
                    "Content-Range": string;
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "errors": [
                     *         {
                     *           "field": null,
                     *           "msg": "The range cannot be satisfied."
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BillingError"];
                };
            };
            500: components["responses"]["BillingInternal"];
            503: components["responses"]["BillingUnavailable"];
        };
    };
    createStatement: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "month": "2026-10",
                 *       "account_id": 1
                 *     }
                 */
                "application/json": components["schemas"]["NewStatement"];
                /**
                 * @example {
                 *       "month": "2026-10"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["NewStatement"];
            };
        };
        responses: {
            /** @description The statement. */
            201: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "account_id": 1,
                     *       "month": "2026-10",
                     *       "currency": "EUR",
                     *       "opening_balance": "0.00",
                     *       "invoiced": "896.00",
                     *       "paid": "896.00",
                     *       "refunded": "0.00",
                     *       "closing_balance": "0.00",
                     *       "lines": [
                     *         {
                     *           "at": "2026-10-03T08:12:44.000Z",
                     *           "kind": "INVOICE",
                     *           "invoice_number": "INV-00000000041",
                     *           "amount": "896.00"
                     *         },
                     *         {
                     *           "at": "2026-10-03T08:14:02.117Z",
                     *           "kind": "PAYMENT",
                     *           "invoice_number": "INV-00000000041",
                     *           "amount": "896.00"
                     *         }
                     *       ],
                     *       "generated_at": "2026-11-22T19:30:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Statement"];
                };
            };
            400: components["responses"]["BillingBadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["BillingForbidden"];
            413: components["responses"]["BillingTooLarge"];
            415: components["responses"]["BillingUnsupported"];
            422: components["responses"]["BillingInvalid"];
            500: components["responses"]["BillingInternal"];
            503: components["responses"]["BillingUnavailable"];
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description 304 if one of these `ETag`s, compared weakly, is the current one. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Profile"];
            304: components["responses"]["NotModified"];
            401: components["responses"]["Unauthorized"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
    updateProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "phone": "+44 20 7946 0123",
                 *       "newsletter": "Y"
                 *     }
                 */
                "application/json": components["schemas"]["ProfileChange"];
                /**
                 * @example {
                 *       "phone": ""
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["ProfileChange"];
            };
        };
        responses: {
            200: components["responses"]["Profile"];
            400: components["responses"]["GeneralBadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["GeneralForbidden"];
            413: components["responses"]["GeneralTooLarge"];
            415: components["responses"]["GeneralUnsupported"];
            422: components["responses"]["GeneralInvalid"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
    uploadPhoto: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /**
                     * Format: binary
                     * @description The image.
                     */
                    photo: string;
                };
            };
        };
        responses: {
            /** @description Stored; the photo's public address changes with its content. */
            201: {
                headers: {
                    ETag: components["headers"]["WeakETag"];
                    "Set-Cookie": components["headers"]["SessionRenewed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "photo_url": "/photos/7-9f86d081.jpg"
                     *     }
                     */
                    "application/json": components["schemas"]["StoredPhoto"];
                };
            };
            400: components["responses"]["GeneralBadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["GeneralForbidden"];
            413: components["responses"]["GeneralTooLarge"];
            415: components["responses"]["GeneralUnsupported"];
            422: components["responses"]["GeneralInvalid"];
            500: components["responses"]["GeneralInternal"];
            503: components["responses"]["GeneralUnavailable"];
        };
    };
}
