// Made from docs/openapi.json by `npm run generate`.
export interface paths {
    "/api/v1/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who am I
         * @description The shortest way to see that a token is good. `me` in place of the user id works on every path.
         */
        get: operations["me"];
        put?: never;
        post?: never;
        /**
         * Erase my data
         * @description Everything that this service keeps of the user, for good and at once, in all its domains. The account stays, which is Better Auth's; when
         *     it is deleted there, what is here goes with it where both share a database. Wants a token that was minted within the last five
         *     minutes.
         */
        delete: operations["forget_me"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List changes
         * @description What has happened after an event that the client knows, in order and without gaps. Without `since`, only where the history stands:
         *     ask for that, read everything, then go on from there. With `wait` the answer comes as soon as there is something.
         */
        get: operations["list_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow events
         * @description Server-sent events (HTML, section 9.2), from the moment that the client knows of on: `ready` first, then each event under its kind, with
         *     its number as `id`. Where nothing happens a comment comes every 25 seconds. When the token ends, or its user is no longer
         *     welcome, `reauth` is the last event; come back with another token and the last number, and nothing is missed.
         */
        get: operations["follow_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export everything
         * @description All tags and tasks of the user, those in the trash as well: one JSON object a line, as they are read. The last line says how many
         *     there were, so that a part is not taken for the whole. With `format=ics` as a calendar (RFC 5545, VTODO), without the trash.
         */
        get: operations["export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import
         * @description Lines as an export has them, in one transaction: all of them, or nothing where one is wrong; what is wrong is told by its line
         *     (`/17/task/title`). A task with an id that is there becomes the one that comes in; with `mode=replace` nothing else is left. `dry_run`
         *     looks at everything and changes nothing. Who accepts `application/x-ndjson` is told in the meantime how far it is, a line
         *     each, of which the last has `result` or `problem`.
         */
        post: operations["import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/recurrence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Preview a recurrence
         * @description The first times of a rule, before a task is given it.
         */
        get: operations["preview_recurrence"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tags
         * @description In the order of their names, a page at a time.
         */
        get: operations["list_tags"];
        put?: never;
        /**
         * Create a tag
         * @description Sent again with the same `Idempotency-Key` it is created once.
         */
        post: operations["create_tag"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tags/{tag_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a tag
         * @description Without the number of its tasks, which the list tells that is asked `with_counts`.
         */
        get: operations["find_tag"];
        /**
         * Update a tag
         * @description What the body leaves out stays, as it did in the API that this one follows. A tag as it was read is a legal body.
         */
        put: operations["replace_tag"];
        post?: never;
        /**
         * Delete a tag
         * @description For good: tasks that carry it lose it, and its name is free.
         */
        delete: operations["delete_tag"];
        options?: never;
        head?: never;
        /**
         * Change a tag
         * @description A JSON merge patch (RFC 7396): what is absent stays.
         */
        patch: operations["patch_tag"];
        trace?: never;
    };
    "/api/v1/{user_id}/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tasks
         * @description The newest first unless asked otherwise, a page at a time. Filters narrow each other down; several values of one are
         *     alternatives. Tasks in the trash are left out unless `deleted=only`.
         */
        get: operations["list_tasks"];
        put?: never;
        /**
         * Create a task
         * @description With its tags, in one transaction. Sent again with the same `Idempotency-Key` it is created once.
         */
        post: operations["create_task"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change several tasks
         * @description In the order given, in one transaction: each sees what those before it did. All of them are made, or none is; with
         *     `atomic: false` each stands for itself, and what became of it is told as if it had been a request of its own.
         */
        post: operations["change_tasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count tasks
         * @description By state, priority and tag, and for each of the last days.
         */
        get: operations["show_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a task
         * @description One in the trash is not there.
         */
        get: operations["find_task"];
        /**
         * Replace a task
         * @description What the body leaves out is emptied. A task as it was read is a legal body.
         */
        put: operations["replace_task"];
        post?: never;
        /**
         * Delete a task
         * @description It goes into the trash with all that is below it; a list with `deleted=only` shows it there. With `permanent=true` it is deleted for
         *     good, in the trash or not.
         */
        delete: operations["delete_task"];
        options?: never;
        head?: never;
        /**
         * Change a task
         * @description A JSON merge patch (RFC 7396): what is absent stays, `null` empties.
         */
        patch: operations["patch_task"];
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/{task_id}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Complete a task, or toggle
         * @description For clients of old. Without a body the completion is toggled, and a request that is sent twice undoes itself: take
         *     `PUT /tasks/{task_id}/completion` instead.
         */
        patch: operations["complete_task"];
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/{task_id}/completion": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set a task's completion
         * @description Doing it twice is doing it once, so a request that may have been lost can be sent again. What is open below a task is completed
         *     with it. A task that recurs is followed by its next occurrence: due after both its due date and now, with its tags, and with
         *     what is below it, open again.
         */
        put: operations["set_completion"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/{task_id}/occurrences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a task's next occurrences
         * @description The times at which it will be due again, if each is completed in time: those after its due date that are still to come.
         */
        get: operations["list_occurrences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/{task_id}/position": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Move a task
         * @description To right before or right after another one, in the order that a list with `sort_by=position` has. No other task is changed.
         */
        put: operations["move_task"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/{task_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore a task
         * @description Out of the trash, with what went there together with it; below the task that it was below, unless that is in the trash itself. One
         *     that is not in the trash stays as it is.
         */
        post: operations["restore_task"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/{task_id}/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a task's tags
         * @description All of them, in the order of their names.
         */
        get: operations["list_tags_of_task"];
        /**
         * Replace a task's tags
         * @description It carries these from now on, and no others.
         */
        put: operations["replace_tags_of_task"];
        /**
         * Put a tag onto a task
         * @description A tag that is there already. One that the task carries is refused, so that a client learns of it.
         */
        post: operations["assign_tag"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/tasks/{task_id}/tags/{tag_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take a tag off a task
         * @description The tag itself stays.
         */
        delete: operations["unassign_tag"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/trash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Empty the trash
         * @description All that is in it is deleted for good.
         */
        delete: operations["empty_trash"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhooks
         * @description All of them, the oldest first.
         */
        get: operations["list_webhooks"];
        put?: never;
        /**
         * Create a webhook
         * @description It is told of what happens from now on: up to fifty events in one POST, `{"user_id": …, "events": […]}`, signed as Standard Webhooks are
         *     (`webhook-id`, `webhook-timestamp`, `webhook-signature`). Whatever is not 2xx within ten seconds is tried again, after twice the time
         *     each time. An event may come twice: its number tells. Redirects are not followed.
         */
        post: operations["create_webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{user_id}/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a webhook
         * @description How it does, too.
         */
        get: operations["find_webhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook
         * @description It is told of nothing more.
         */
        delete: operations["delete_webhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook
         * @description Or enable one again.
         */
        patch: operations["patch_webhook"];
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process alive
         * @description Says nothing about the database or the issuer: restarting this process would heal neither.
         */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can it serve now
         * @description `checks` says what is missing.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
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
        /** @description Changes to be made one after the other. */
        Batch: {
            /**
             * @description Whether all of them are made or none is; else each stands for itself.
             * @default true
             */
            atomic?: boolean;
            /** @description At most 100. */
            operations: components["schemas"]["BatchOperation"][];
        };
        /** @description One change, as the operation of that name makes it. */
        BatchOperation: {
            /** @description The body of `create`, `replace` and `patch`. */
            body: Record<string, never>;
            /**
             * Format: uuid
             * @description The task, of all but `create`.
             */
            id?: string;
            /**
             * @description An entity tag that the task must have; else 412.
             * @example "1-YLZn5dPVtBdIIbFf"
             */
            if_match?: string;
            op: components["schemas"]["BatchOperationName"];
        };
        /**
         * @description What is done with the task.
         * @enum {string}
         */
        BatchOperationName: "create" | "replace" | "patch" | "complete" | "reopen" | "delete" | "restore" | "purge";
        /** @description What became of one: as if it had been a request of its own. */
        BatchOutcome: {
            next_occurrence: components["schemas"]["Task"] | null;
            problem: components["schemas"]["Problem"] | null;
            /**
             * Format: int32
             * @description The HTTP status that it would have had.
             * @example 201
             */
            status: number;
            task: components["schemas"]["Task"] | null;
        };
        /** @description What became of each change, in their order. */
        BatchResult: {
            results: components["schemas"]["BatchOutcome"][];
        };
        /** @description A part of the user's history. */
        Changes: {
            /** @description Whether there are more already. */
            has_more: boolean;
            items: components["schemas"]["Event"][];
            /**
             * Format: int64
             * @description What to ask for next: the number of the last of these events, or of the last that there is.
             * @example 17
             */
            next_seq: number;
        };
        /** @description One thing that readiness depends on. */
        Check: {
            /** @description What that means, for a person. */
            detail: string;
            /**
             * @description `server`, `database`, `keys` or `accounts`.
             * @example database
             */
            name: string;
            /** @description How it is. */
            status: components["schemas"]["CheckStatus"];
        };
        /**
         * @description How one check ended.
         * @enum {string}
         */
        CheckStatus: "ok" | "degraded" | "failing";
        /** @description A task after its completion was set. */
        Completed: {
            next_occurrence: components["schemas"]["Task"] | null;
            task: components["schemas"]["Task"];
        };
        /** @description Whether a task is completed. */
        Completion: {
            /** @example true */
            completed: boolean;
        };
        /** @description A new webhook, with what signs its deliveries. That is shown this once. */
        CreatedWebhook: components["schemas"]["Webhook"] & {
            /**
             * @description As Standard Webhooks has it: what follows `whsec_` is the key, in base64.
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=
             */
            secret: string;
        };
        /** @description What was on one day. */
        DayStats: {
            /**
             * Format: int64
             * @description Completed on it.
             */
            completed: number;
            /**
             * Format: int64
             * @description Made on it.
             */
            created: number;
            /**
             * Format: date
             * @example 2026-03-01
             */
            date: string;
            /**
             * Format: int64
             * @description Due on it, completed or not.
             */
            due: number;
        };
        /** @description Something that has happened to something of the user's. */
        Event: {
            /** Format: date-time */
            at: string;
            /**
             * Format: uuid
             * @description What it has happened to.
             */
            entity_id: string;
            /**
             * @description What it was: `task.created`, `task.updated`, `tag.deleted` and so on. New ones may come.
             * @example task.updated
             */
            kind: string;
            /**
             * Format: int64
             * @description Numbers the user's events, without gaps, from 1 on.
             * @example 17
             */
            seq: number;
            /**
             * Format: int64
             * @description The version that this has after it. It may have a later one by now.
             * @example 3
             */
            version: number;
        };
        /** @description The process runs. */
        Health: {
            /**
             * @description Always `ok`.
             * @example ok
             */
            status: string;
        };
        /** @description What an import has done, or would do. */
        ImportReport: {
            /** @description Whether nothing was changed. */
            dry_run: boolean;
            /** @description Lines that were read. */
            lines: number;
            /** @description Tags among them. */
            tags: number;
            /** @description Tasks among them. */
            tasks: number;
        };
        /** @description Who the token says you are, as this service understood it. */
        Me: {
            /** @description The token's `email`, when Better Auth puts it in. */
            email: string | null;
            /**
             * Format: date-time
             * @description When this token ends; fetch the next one before.
             * @example 2026-03-01T09:15:00Z
             */
            expires_at: string;
            /**
             * @description The token's `iss`.
             * @example https://app.example.com
             */
            issuer: string;
            /**
             * @description The token's `sid`, when Better Auth is configured to put it in.
             * @example 4tRz0mYb8QpLs2WnKx6VdA1eHc7JfGu3
             */
            session_id: string | null;
            /**
             * @description The token's `sub`: Better Auth's `user.id`.
             * @example pQ2vXc8RkLm5NtYwZ1aB3dE6fG7hJ9sU
             */
            subject: string;
            /**
             * Format: uuid
             * @description The user id that every path and row uses.
             * @example 0199a3f2-41b7-7c3e-8a55-0d6c1f2b3a49
             */
            user_id: string;
            /**
             * Format: uuid
             * @description The same, under the name that Better Auth's field and claim have.
             */
            uuid: string;
        };
        /** @description Where to put a task: before another one, or after it; one of the two. */
        Move: {
            /**
             * Format: uuid
             * @description The task that comes right before it from now on.
             */
            after?: string;
            /**
             * Format: uuid
             * @description The task that comes right after it from now on.
             */
            before?: string;
        };
        /** @description A tag to be made. */
        NewTag: {
            /**
             * @description `#RRGGBB` or `#RGB`; left out, one is chosen by the name.
             * @example #10B981
             */
            color?: string | null;
            /**
             * @description 1 to 50 characters; unique for its user, whatever its case.
             * @example Home
             */
            name: string;
        };
        /** @description A tag to put onto a task. */
        NewTagAssignment: {
            /**
             * Format: uuid
             * @description The id of one of the user's tags.
             */
            tag_id: string;
        };
        /** @description A task to be made. */
        NewTask: {
            /** @default false */
            completed?: boolean;
            /**
             * @description Whether a tag that is named and not there is made; else that is 422.
             * @default true
             */
            create_missing_tags?: boolean;
            /** @description Up to 10,000 characters. */
            description?: string | null;
            /**
             * Format: date-time
             * @description RFC 3339 with offset.
             */
            due_date?: string | null;
            /**
             * Format: uuid
             * @description The task to stand below, which makes it a subtask; at most five levels.
             */
            parent_id?: string | null;
            priority?: components["schemas"]["Priority"] | null;
            recurrence?: components["schemas"]["RecurrenceRule"] | null;
            recurrence_config?: components["schemas"]["RecurrenceConfig"] | null;
            recurrence_pattern?: components["schemas"]["RecurrencePattern"] | null;
            /**
             * Format: date-time
             * @description RFC 3339 with offset; before the due date, when there is one.
             */
            reminder_at?: string | null;
            /** @description At most 50. A tag that is named and not there is made. */
            tags?: components["schemas"]["TagChoice"][] | null;
            /**
             * @description 1 to 255 characters; white space around it is taken off.
             * @example Water the plants
             */
            title: string;
        };
        /** @description A webhook to be made. */
        NewWebhook: {
            /**
             * @description The kinds of events that it is told of; null is all.
             * @example [
             *       "task.reminder"
             *     ]
             */
            kinds?: string[] | null;
            /**
             * @description Where events are posted: https, and no address that leads inward.
             * @example https://example.com/hook
             */
            url: string;
        };
        /** @description The next times of a rule. */
        Occurrences: {
            /** @description Whether these are the last. */
            ends: boolean;
            occurrences: string[];
        };
        /** @description One page of a list: the only shape in which a list is answered. */
        Page_Tag: {
            /** @description Whether there is a next page. */
            has_more: boolean;
            /** @description The entries; an empty array when there are none. */
            items: {
                /**
                 * @description As `#RRGGBB`.
                 * @example #10B981
                 */
                color: string;
                /** Format: date-time */
                created_at: string;
                /** Format: uuid */
                id: string;
                /** @example Home */
                name: string;
                /**
                 * Format: int64
                 * @description How many tasks carry it that are not in the trash; null unless `with_counts` was asked for.
                 */
                task_count: number | null;
                /** Format: date-time */
                updated_at: string;
                /** Format: uuid */
                user_id: string;
                /**
                 * Format: int64
                 * @description Counts the changes; it is the entity tag.
                 * @example 1
                 */
                version: number;
            }[];
            /**
             * Format: int32
             * @description The most entries that this page could have had.
             */
            limit: number;
            /** @description Give this as `cursor` to get the next page; null on the last one. */
            next_cursor: string | null;
            /**
             * Format: int64
             * @description The number of this page; null when paging by cursor.
             */
            page: number | null;
            /**
             * Format: int64
             * @description How many entries there are on all pages; null unless it was asked for.
             */
            total: number | null;
            /**
             * Format: int64
             * @description How many pages there are; null unless it was asked for.
             */
            total_pages: number | null;
        };
        /** @description One page of a list: the only shape in which a list is answered. */
        Page_Task: {
            /** @description Whether there is a next page. */
            has_more: boolean;
            /** @description The entries; an empty array when there are none. */
            items: {
                completed: boolean;
                /**
                 * Format: date-time
                 * @description When it was completed first.
                 */
                completed_at: string | null;
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it was put into the trash.
                 */
                deleted_at: string | null;
                description: string | null;
                /** Format: date-time */
                due_date: string | null;
                /**
                 * Format: uuid
                 * @description A UUIDv7 in text form; treat it as an opaque string.
                 */
                id: string;
                /**
                 * Format: uuid
                 * @description The task that took its place when it was completed.
                 */
                next_occurrence_id: string | null;
                /**
                 * Format: uuid
                 * @description The task that it is below.
                 */
                parent_id: string | null;
                /**
                 * @description Where it stands in the order that the user gives (`sort_by=position`): compare byte by byte, within one answer.
                 * @example 0193f5a0-4b7c-7cc3-98c4-dc0c0c07398f
                 */
                position: string;
                priority: components["schemas"]["Priority"];
                /**
                 * Format: int32
                 * @description 0 for `none` to 3 for `high`: for sorting.
                 */
                priority_rank: number;
                recurrence: components["schemas"]["Recurrence"] | null;
                recurrence_pattern: components["schemas"]["RecurrencePattern"] | null;
                /** Format: date-time */
                reminder_at: string | null;
                /** @description In the order of their names. */
                tags: components["schemas"]["TagRef"][];
                /** @example Water the plants */
                title: string;
                /** Format: date-time */
                updated_at: string;
                /**
                 * Format: uuid
                 * @description Whose task it is.
                 */
                user_id: string;
                /**
                 * Format: int64
                 * @description Counts the changes; the entity tag begins with it.
                 * @example 1
                 */
                version: number;
            }[];
            /**
             * Format: int32
             * @description The most entries that this page could have had.
             */
            limit: number;
            /** @description Give this as `cursor` to get the next page; null on the last one. */
            next_cursor: string | null;
            /**
             * Format: int64
             * @description The number of this page; null when paging by cursor.
             */
            page: number | null;
            /**
             * Format: int64
             * @description How many entries there are on all pages; null unless it was asked for.
             */
            total: number | null;
            /**
             * Format: int64
             * @description How many pages there are; null unless it was asked for.
             */
            total_pages: number | null;
        };
        /** @description One page of a list: the only shape in which a list is answered. */
        Page_Webhook: {
            /** @description Whether there is a next page. */
            has_more: boolean;
            /** @description The entries; an empty array when there are none. */
            items: {
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When there were too many failures.
                 */
                disabled_at: string | null;
                /** @description Whether it is told of anything. After fifteen failures in a row it is not any more. */
                enabled: boolean;
                /**
                 * Format: int32
                 * @description Since it was told last.
                 */
                failures: number;
                /** Format: uuid */
                id: string;
                /** @description The kinds of events that it is told of; null is all. */
                kinds: string[] | null;
                /** @description Why it could not be told the last time. */
                last_error: string | null;
                /**
                 * Format: int64
                 * @description It has been told of all up to this event.
                 */
                last_seq: number;
                /** Format: date-time */
                updated_at: string;
                /** @example https://example.com/hook */
                url: string;
                /** Format: int64 */
                version: number;
            }[];
            /**
             * Format: int32
             * @description The most entries that this page could have had.
             */
            limit: number;
            /** @description Give this as `cursor` to get the next page; null on the last one. */
            next_cursor: string | null;
            /**
             * Format: int64
             * @description The number of this page; null when paging by cursor.
             */
            page: number | null;
            /**
             * Format: int64
             * @description How many entries there are on all pages; null unless it was asked for.
             */
            total: number | null;
            /**
             * Format: int64
             * @description How many pages there are; null unless it was asked for.
             */
            total_pages: number | null;
        };
        /**
         * @description How much a task matters.
         * @enum {string}
         */
        Priority: "none" | "low" | "medium" | "high";
        /** @description How many open tasks have each priority. */
        PriorityStats: {
            /** Format: int64 */
            high: number;
            /** Format: int64 */
            low: number;
            /** Format: int64 */
            medium: number;
            /** Format: int64 */
            none: number;
        };
        /** @description A problem of RFC 9457: what went wrong, for a program (`code`) and for its developer (`detail`). */
        Problem: {
            /**
             * @description Stable name of the problem, made to be compared. New ones may come, so this is no closed list: treat one that you do not
             *     know as what its status says.
             * @example token_expired
             */
            code: string;
            /** @description What to do about it. */
            detail: string;
            /** @description The same text as `detail`. */
            error: string;
            /** @description What is wrong with the body, field by field. */
            errors?: components["schemas"]["ProblemField"][];
            /** @description The path of the request. */
            instance?: string;
            /** @description Quote this when you ask for help; it is in the log. */
            request_id?: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The kind in words; always the same for a `code`. */
            title: string;
            /**
             * @description A URI that names the kind of problem, one to one with `code`. It may lead to a page about it.
             * @example urn:drawbridge:problem:token_expired
             */
            type: string;
        };
        /** @description One thing wrong with the request's body. */
        ProblemField: {
            /**
             * @description Stable name of what is wrong. New ones may come.
             * @example required
             */
            code: string;
            /** @description The same in words. */
            detail: string;
            /**
             * @description JSON pointer (RFC 6901) to the place in the body; empty for the body as a whole.
             * @example /title
             */
            pointer: string;
        };
        /** @description How many tasks were deleted for good. */
        Purged: {
            /** Format: int64 */
            purged: number;
        };
        /** @description The answer to a readiness probe. */
        ReadinessReport: {
            /** @description What was looked at. */
            checks: components["schemas"]["Check"][];
            /**
             * @description `ready` or `not_ready`.
             * @example ready
             */
            status: string;
        };
        /** @description How a task recurs. It is counted from the due date that the task had when it was given this, or another due date. */
        Recurrence: {
            /**
             * @description A rule of RFC 5545, section 3.3.10.
             * @example FREQ=WEEKLY;BYDAY=MO,TH
             */
            rrule: string;
            /**
             * @description The IANA name of the time zone in which it is meant.
             * @example Europe/Berlin
             */
            timezone: string;
        };
        /** @description A rule by which a task recurs, as clients of old give it. */
        RecurrenceConfig: {
            /**
             * Format: date-time
             * @description RFC 3339 with offset: none comes later.
             */
            end_date?: string | null;
            /** @description Not kept: has to be empty. */
            exceptions?: string[] | null;
            /**
             * @description A rule of RFC 5545, section 3.3.10; needed where the pattern is `custom`.
             * @example FREQ=DAILY;INTERVAL=2
             */
            rrule?: string | null;
            /**
             * @description The IANA name of the time zone in which it is meant.
             * @default UTC
             */
            timezone?: string | null;
        };
        /**
         * @description How often, in a word.
         * @enum {string}
         */
        RecurrencePattern: "daily" | "weekly" | "monthly" | "custom";
        /** @description A rule by which a task recurs. */
        RecurrenceRule: {
            /**
             * @description A rule of RFC 5545, section 3.3.10, at most once a day; at most 500 bytes.
             * @example FREQ=WEEKLY;BYDAY=MO,TH
             */
            rrule: string;
            /**
             * @description The IANA name of the time zone in which it is meant.
             * @default UTC
             * @example Europe/Berlin
             */
            timezone?: string;
        };
        /** @description How many tasks there are. Those in the trash are counted as such and nowhere else. */
        Stats: {
            /**
             * Format: int64
             * @example 7
             */
            completed: number;
            /** @description The days up to today, which is the last. */
            days: components["schemas"]["DayStats"][];
            /**
             * Format: int64
             * @description Open, and due today.
             * @example 2
             */
            due_today: number;
            /**
             * Format: int64
             * @example 0
             */
            in_trash: number;
            /**
             * Format: int64
             * @description Not completed.
             * @example 5
             */
            open: number;
            /**
             * Format: int64
             * @description Open, and due before now.
             * @example 1
             */
            overdue: number;
            /** @description Open ones. */
            priorities: components["schemas"]["PriorityStats"];
            /** @description The hundred that most open tasks carry. */
            tags: components["schemas"]["TagStats"][];
            /**
             * @description The time zone whose days these are.
             * @example Europe/Berlin
             */
            timezone: string;
            /**
             * Format: int64
             * @example 12
             */
            total: number;
            /**
             * Format: int64
             * @description Open ones without a tag.
             * @example 1
             */
            untagged: number;
        };
        /** @description A tag. Every member is always there. */
        Tag: {
            /**
             * @description As `#RRGGBB`.
             * @example #10B981
             */
            color: string;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            /** @example Home */
            name: string;
            /**
             * Format: int64
             * @description How many tasks carry it that are not in the trash; null unless `with_counts` was asked for.
             */
            task_count: number | null;
            /** Format: date-time */
            updated_at: string;
            /** Format: uuid */
            user_id: string;
            /**
             * Format: int64
             * @description Counts the changes; it is the entity tag.
             * @example 1
             */
            version: number;
        };
        /** @description A tag that was put onto a task. */
        TagAssignment: {
            /**
             * @description The same in words.
             * @example The task carries this tag now.
             */
            message: string;
            /** Format: uuid */
            tag_id: string;
            /** Format: uuid */
            task_id: string;
        };
        /** @description A tag for a task: by id, by name, or as an object with either. */
        TagChoice: string | {
            color?: string;
            /** Format: uuid */
            id: string;
            name?: string;
        } | {
            color?: string | null;
            name: string;
        };
        /** @description A change to a tag (JSON merge patch, RFC 7396): what is absent stays. */
        TagPatch: {
            /**
             * @description `#RRGGBB` or `#RGB`.
             * @example #10B981
             */
            color?: string;
            /**
             * @description 1 to 50 characters; unique for its user, whatever its case.
             * @example Home
             */
            name?: string;
        };
        /** @description A tag as a task shows it. */
        TagRef: {
            /**
             * @description As `#RRGGBB`.
             * @example #10B981
             */
            color: string;
            /** Format: uuid */
            id: string;
            /** @example Home */
            name: string;
        };
        /**
         * @description What a tag is to be from now on. A tag as it was read is a legal body: members that the server decides are passed over, and
         *     what is left out stays.
         */
        TagReplacement: {
            /**
             * @description `#RRGGBB` or `#RGB`.
             * @example #10B981
             */
            color?: string;
            /** @description The server decides this; passed over. */
            readonly created_at?: unknown;
            /** @description The server decides this; passed over. */
            readonly id?: unknown;
            /**
             * @description 1 to 50 characters; unique for its user, whatever its case.
             * @example Home
             */
            name?: string;
            /** @description The server decides this; passed over. */
            readonly task_count?: unknown;
            /** @description The server decides this; passed over. */
            readonly updated_at?: unknown;
            /** @description The server decides this; passed over. */
            readonly user_id?: unknown;
            /** @description The server decides this; passed over. */
            readonly version?: unknown;
        };
        /** @description The tags that a task has from now on, and no others. */
        TagSet: {
            /**
             * @description Whether a tag that is named and not there is made; else that is 422.
             * @default true
             */
            create_missing_tags?: boolean;
            /** @description At most 50. A tag that is named and not there is made. */
            tags: components["schemas"]["TagChoice"][];
        };
        /** @description How many tasks carry a tag. */
        TagStats: {
            /** Format: int64 */
            completed: number;
            /** Format: int64 */
            open: number;
            tag: components["schemas"]["TagRef"];
        };
        /** @description A task. Every member is always there. */
        Task: {
            completed: boolean;
            /**
             * Format: date-time
             * @description When it was completed first.
             */
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was put into the trash.
             */
            deleted_at: string | null;
            description: string | null;
            /** Format: date-time */
            due_date: string | null;
            /**
             * Format: uuid
             * @description A UUIDv7 in text form; treat it as an opaque string.
             */
            id: string;
            /**
             * Format: uuid
             * @description The task that took its place when it was completed.
             */
            next_occurrence_id: string | null;
            /**
             * Format: uuid
             * @description The task that it is below.
             */
            parent_id: string | null;
            /**
             * @description Where it stands in the order that the user gives (`sort_by=position`): compare byte by byte, within one answer.
             * @example 0193f5a0-4b7c-7cc3-98c4-dc0c0c07398f
             */
            position: string;
            priority: components["schemas"]["Priority"];
            /**
             * Format: int32
             * @description 0 for `none` to 3 for `high`: for sorting.
             */
            priority_rank: number;
            recurrence: components["schemas"]["Recurrence"] | null;
            recurrence_pattern: components["schemas"]["RecurrencePattern"] | null;
            /** Format: date-time */
            reminder_at: string | null;
            /** @description In the order of their names. */
            tags: components["schemas"]["TagRef"][];
            /** @example Water the plants */
            title: string;
            /** Format: date-time */
            updated_at: string;
            /**
             * Format: uuid
             * @description Whose task it is.
             */
            user_id: string;
            /**
             * Format: int64
             * @description Counts the changes; the entity tag begins with it.
             * @example 1
             */
            version: number;
        };
        /** @description A change to a task (JSON merge patch, RFC 7396): what is absent stays, `null` empties. */
        TaskPatch: {
            completed?: boolean;
            /**
             * @description Whether a tag that is named and not there is made; else that is 422.
             * @default true
             */
            create_missing_tags?: boolean;
            /** @description Up to 10,000 characters. */
            description?: string | null;
            /**
             * Format: date-time
             * @description RFC 3339 with offset.
             */
            due_date?: string | null;
            /**
             * Format: uuid
             * @description The task to stand below, which makes it a subtask; at most five levels.
             */
            parent_id?: string | null;
            priority?: components["schemas"]["Priority"];
            recurrence?: components["schemas"]["RecurrenceRule"] | null;
            recurrence_config?: components["schemas"]["RecurrenceConfig"] | null;
            recurrence_pattern?: components["schemas"]["RecurrencePattern"] | null;
            /**
             * Format: date-time
             * @description RFC 3339 with offset; before the due date, when there is one.
             */
            reminder_at?: string | null;
            /** @description The tags that the task has after it. */
            tags?: components["schemas"]["TagChoice"][] | null;
            /** @description 1 to 255 characters. */
            title?: string;
        };
        /**
         * @description A whole task to put in the place of one. What is left out is emptied. A task as it was read is a legal body: members that
         *     the server decides are passed over.
         */
        TaskReplacement: {
            /** @default false */
            completed?: boolean;
            /** @description The server decides this; passed over. */
            readonly completed_at?: unknown;
            /**
             * @description Whether a tag that is named and not there is made; else that is 422.
             * @default true
             */
            create_missing_tags?: boolean;
            /** @description The server decides this; passed over. */
            readonly created_at?: unknown;
            /** @description The server decides this; passed over. */
            readonly deleted_at?: unknown;
            /** @description Up to 10,000 characters. */
            description?: string | null;
            /**
             * Format: date-time
             * @description RFC 3339 with offset.
             */
            due_date?: string | null;
            /** @description The server decides this; passed over. */
            readonly id?: unknown;
            /** @description The server decides this; passed over. */
            readonly next_occurrence_id?: unknown;
            /**
             * Format: uuid
             * @description The task to stand below, which makes it a subtask; at most five levels.
             */
            parent_id?: string | null;
            /** @description The server decides this; passed over. */
            readonly position?: unknown;
            priority?: components["schemas"]["Priority"] | null;
            /** @description The server decides this; passed over. */
            readonly priority_rank?: unknown;
            recurrence?: components["schemas"]["RecurrenceRule"] | null;
            recurrence_config?: components["schemas"]["RecurrenceConfig"] | null;
            recurrence_pattern?: components["schemas"]["RecurrencePattern"] | null;
            /**
             * Format: date-time
             * @description RFC 3339 with offset; before the due date, when there is one.
             */
            reminder_at?: string | null;
            /** @description At most 50. A tag that is named and not there is made. */
            tags?: components["schemas"]["TagChoice"][] | null;
            /**
             * @description 1 to 255 characters; white space around it is taken off.
             * @example Water the plants
             */
            title: string;
            /** @description The server decides this; passed over. */
            readonly updated_at?: unknown;
            /** @description The server decides this; passed over. */
            readonly user_id?: unknown;
            /** @description The server decides this; passed over. */
            readonly version?: unknown;
        };
        /** @description An address that is told of the user's events. */
        Webhook: {
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description When there were too many failures.
             */
            disabled_at: string | null;
            /** @description Whether it is told of anything. After fifteen failures in a row it is not any more. */
            enabled: boolean;
            /**
             * Format: int32
             * @description Since it was told last.
             */
            failures: number;
            /** Format: uuid */
            id: string;
            /** @description The kinds of events that it is told of; null is all. */
            kinds: string[] | null;
            /** @description Why it could not be told the last time. */
            last_error: string | null;
            /**
             * Format: int64
             * @description It has been told of all up to this event.
             */
            last_seq: number;
            /** Format: date-time */
            updated_at: string;
            /** @example https://example.com/hook */
            url: string;
            /** Format: int64 */
            version: number;
        };
        /** @description A change to a webhook (JSON merge patch, RFC 7396): what is absent stays. */
        WebhookPatch: {
            /** @description One that is enabled again is told of what happens from then on. */
            enabled?: boolean;
            /** @description The kinds of events that it is told of; null is all. */
            kinds?: string[] | null;
            url?: string;
        };
    };
    responses: {
        /**
         * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
         *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
         *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
         *     - `body_incomplete`: The body ended early or could not be decoded.
         */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description - `user_mismatch`: The token is good, and the path names another user than the token.
         *     - `scope_missing`: The access token was not given a scope that is asked for; `WWW-Authenticate` names all of them.
         */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description - `internal_error`: The service is wrong, not the request. */
        InternalServerError: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description - `not_acceptable`: The header Accept leaves out JSON, and answers are JSON. */
        NotAcceptable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description - `body_too_large`: The body is longer than 256 KiB, or than the operator allows. */
        PayloadTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description - `request_timeout`: The body did not arrive in time. */
        RequestTimeout: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description - `keys_unavailable`: The issuer's keys cannot be had, so nothing can be said about the token.
         *     - `accounts_unavailable`: The database cannot be asked whether the user is still welcome.
         *     - `database_unavailable`: The database is away, or did not answer in time.
         */
        ServiceUnavailable: {
            headers: {
                /** @description Seconds to wait before trying again */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description - `rate_limited`: The token is good, and its user has made more requests than a user may in a time; `RateLimit-Policy` says how many that are.
         *     - `too_many_failures`: So many bad tokens came from this address that no new one is looked at for a moment. Tokens that were good before go on working.
         */
        TooManyRequests: {
            headers: {
                /** @description How many requests are left, and in how many seconds there are all again */
                RateLimit?: string;
                /** @description How many requests a user has in how many seconds */
                "RateLimit-Policy"?: string;
                /** @description Seconds to wait before trying again */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /**
         * @description - `token_missing`: The request has no header `Authorization: Bearer`.
         *     - `user_not_found`: The token is good, and Better Auth has no such user any more: the account was deleted.
         *     - `user_banned`: The token is good, and its user is banned in Better Auth.
         *     - `session_ended`: The token is good, and the session that it was minted for has ended: signed out, or revoked.
         *     - `token_revoked`: The token was good, and the operator has revoked it or all of its user's.
         *     - `token_too_large`: The token is longer than 8 KiB; nothing of it was read.
         *     - `token_malformed`: What was sent is not three base64url parts with a sound header, so it is no signed JWT.
         *     - `session_token`: What was sent looks like the opaque token of Better Auth's session cookie, which is no JWT.
         *     - `algorithm_not_allowed`: The header's `alg` is none that the settings allow, or not that of the key it names.
         *     - `header_not_allowed`: The header has a member that changes how the token is read or brings its own key, such as `crit` or `jwk`.
         *     - `type_not_allowed`: The header's `typ` says that it is another kind of token; access tokens of Better Auth's oauth-provider are taken only where the operator has set that up.
         *     - `key_id_missing`: The header has no `kid`.
         *     - `key_unknown`: The issuer does not publish the key that the token names: it was withdrawn, or belongs to another installation.
         *     - `signature_invalid`: The named key did not sign these bytes: the token was changed, or signed by somebody else.
         *     - `claims_malformed`: The payload is not one JSON object with unique names, or a claim that is needed is missing or has the wrong type. The log says which.
         *     - `token_bound`: The token has a claim `cnf`: its sender must prove to hold a key, which a bearer token cannot.
         *     - `issuer_mismatch`: The claim `iss` is not the issuer in the settings, character for character. Often it is the same server by another address.
         *     - `audience_mismatch`: The claim `aud` names none of the audiences in the settings.
         *     - `id_token`: The token has claims that only an OpenID Connect id token has.
         *     - `logout_token`: The token has a claim `events`: it is a logout token or another security event.
         *     - `token_lifetime`: From `iat` to `exp` it is longer than the settings allow.
         *     - `token_expired`: The time in `exp` has passed, the leeway included.
         *     - `token_not_yet_valid`: The time in `nbf` has not come, the leeway included.
         *     - `issued_in_future`: The time in `iat` has not come, the leeway included: one of the two clocks is wrong.
         *     - `subject_missing`: The claim `sub` is missing or empty.
         *     - `user_claim_missing`: The claim that names the user is not there: `definePayload` leaves it out, or the user's field is not among Better Auth's `additionalFields`.
         *     - `user_claim_null`: The claim that names the user is null: the column has no default, and this user has no value in it.
         *     - `user_claim_invalid`: The claim that names the user is not a hyphenated UUID, or it is the nil UUID.
         */
        Unauthorized: {
            headers: {
                /** @description The challenge of RFC 6750, section 3 */
                "WWW-Authenticate"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description - `validation_failed`: The body was read and is not right; `errors` says where and why. */
        UnprocessableEntity: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description - `unsupported_media_type`: The body is not declared as JSON. */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    me: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token's user */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    forget_me: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The user's id, to show that this is meant
                 * @example 0199a3f2-41b7-7c3e-8a55-0d6c1f2b3a49
                 */
                Confirm: string;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nothing is left */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /**
             * @description - `token_not_fresh`: The token was minted too long ago for this path, or does not say when.
             *     - `user_mismatch`: The token is good, and the path names another user than the token.
             *     - `scope_missing`: The access token was not given a scope that is asked for; `WWW-Authenticate` names all of them.
             */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_changes: {
        parameters: {
            query?: {
                /**
                 * @description The number of the last event that is known; 0 for all
                 * @example 17
                 */
                since?: number;
                /**
                 * @description Most events to give; 100, unless said otherwise
                 * @example 100
                 */
                limit?: number;
                /**
                 * @description How many seconds to wait for something to happen; 0, unless said otherwise
                 * @example 0
                 */
                wait?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The next events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Changes"];
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            /** @description - `sequence_ahead`: The number that was given is after the last event: it is of another database, or of one from before it was restored. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description - `history_trimmed`: Events after the number that was given have been deleted already: there would be a gap. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    follow_events: {
        parameters: {
            query?: {
                /**
                 * @description The same, for clients that cannot set the header
                 * @example 17
                 */
                since?: number;
            };
            header?: {
                /**
                 * @description The number of the last event that is known; without it, the stream begins with what happens from now on
                 * @example 17
                 */
                "Last-Event-ID"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            /** @description - `sequence_ahead`: The number that was given is after the last event: it is of another database, or of one from before it was restored. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description - `history_trimmed`: Events after the number that was given have been deleted already: there would be a gap. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description - `too_many_streams`: The user follows as many streams of this server as one user can: eight.
             *     - `rate_limited`: The token is good, and its user has made more requests than a user may in a time; `RateLimit-Policy` says how many that are.
             *     - `too_many_failures`: So many bad tokens came from this address that no new one is looked at for a moment. Tokens that were good before go on working.
             */
            429: {
                headers: {
                    /** @description How many requests are left, and in how many seconds there are all again */
                    RateLimit?: string;
                    /** @description How many requests a user has in how many seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    export: {
        parameters: {
            query?: {
                /**
                 * @description `ndjson`, which is the default, or `ics`
                 * @example ndjson
                 */
                format?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lines, or the calendar */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/calendar": string;
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    import: {
        parameters: {
            query?: {
                /**
                 * @description `merge`, which is the default, or `replace`
                 * @example merge
                 */
                mode?: string;
                /**
                 * @description Whether nothing is to be changed
                 * @example false
                 */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-ndjson": string;
            };
        };
        responses: {
            /** @description What was done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReport"];
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description - `line_too_long`: A line of an import is longer than any that an export has: 128 KiB.
             *     - `body_too_large`: The body is longer than 256 KiB, or than the operator allows.
             */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            /**
             * @description - `import_busy`: The server is at as many imports as it does at once.
             *     - `rate_limited`: The token is good, and its user has made more requests than a user may in a time; `RateLimit-Policy` says how many that are.
             *     - `too_many_failures`: So many bad tokens came from this address that no new one is looked at for a moment. Tokens that were good before go on working.
             */
            429: {
                headers: {
                    /** @description How many requests are left, and in how many seconds there are all again */
                    RateLimit?: string;
                    /** @description How many requests a user has in how many seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait before trying again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    preview_recurrence: {
        parameters: {
            query: {
                /**
                 * @description A rule of RFC 5545, section 3.3.10, at most once a day
                 * @example FREQ=WEEKLY;BYDAY=MO,TH
                 */
                rrule: string;
                /**
                 * @description The IANA name of the time zone in which it is meant; `UTC`, unless said otherwise
                 * @example Europe/Berlin
                 */
                timezone?: string;
                /**
                 * @description The due date from which it is counted, as an RFC 3339 time with offset
                 * @example 2026-03-02T09:00:00Z
                 */
                due_date: string;
                /**
                 * @description Most times to give; 10, unless said otherwise
                 * @example 5
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The times after the due date */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Occurrences"];
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_tags: {
        parameters: {
            query?: {
                /** @description `true` counts the tasks of each tag */
                with_counts?: boolean;
                /**
                 * @description Most tags on the page; 50, unless said otherwise
                 * @example 50
                 */
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /**
                 * @description `exact` counts the tags on all pages; `none` is the default
                 * @example exact
                 */
                total?: string;
                /** @description The number of the page, for clients that count pages; counts them, too. At most 10,000 tags are skipped */
                page?: number;
            };
            header?: {
                /** @description Entity tags of pages that the client has */
                "If-None-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tags */
            200: {
                headers: {
                    /** @description Names this state of the page */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Tag"];
                };
            };
            /** @description The client has this page already */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `invalid_cursor`: The cursor was not given out by this list for this user, these filters and this order.
             *     - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    create_tag: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Of the client's choice, 1 to 255 visible ASCII characters; the first answer is given again for 24 hours
                 * @example 5f0c7d0e
                 */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTag"];
            };
        };
        responses: {
            /** @description The tag */
            201: {
                headers: {
                    /** @description Names this state of the tag */
                    ETag?: string;
                    /** @description `true` where this is the answer to an earlier request with this key */
                    "Idempotency-Replayed"?: string;
                    /** @description Where the tag is from now on */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description - `idempotency_conflict`: The Idempotency-Key was used in the last 24 hours with another method, path or body.
             *     - `tag_name_conflict`: A tag was to get a name that another tag of this user has; case does not count.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    find_tag: {
        parameters: {
            query?: never;
            header?: {
                /** @description Entity tags of states that the client has */
                "If-None-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The tag's id */
                tag_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tag */
            200: {
                headers: {
                    /** @description Names this state of the tag */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            /** @description The client has this state already */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `tag_not_found`: The path, or `tag_id`, names no tag of this user. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    replace_tag: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the tag must have one; else 412
                 * @example "1"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The tag's id */
                tag_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Garden",
                 *       "color": "#10B981"
                 *     }
                 */
                "application/json": components["schemas"]["TagReplacement"];
            };
        };
        responses: {
            /** @description The tag as it is now */
            200: {
                headers: {
                    /** @description Names this state of the tag */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `tag_not_found`: The path, or `tag_id`, names no tag of this user. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `tag_name_conflict`: A tag was to get a name that another tag of this user has; case does not count. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    delete_tag: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the tag must have one; else 412
                 * @example "1"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The tag's id */
                tag_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `tag_not_found`: The path, or `tag_id`, names no tag of this user. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    patch_tag: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the tag must have one; else 412
                 * @example "1"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The tag's id */
                tag_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "color": "#3B82F6"
                 *     }
                 */
                "application/json": components["schemas"]["TagPatch"];
                /**
                 * @example {
                 *       "color": "#3B82F6"
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["TagPatch"];
            };
        };
        responses: {
            /** @description The tag as it is now */
            200: {
                headers: {
                    /** @description Names this state of the tag */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tag"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `tag_not_found`: The path, or `tag_id`, names no tag of this user. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `tag_name_conflict`: A tag was to get a name that another tag of this user has; case does not count. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_tasks: {
        parameters: {
            query?: {
                /**
                 * @description `complete` (or `completed`), `incomplete` (or `active`), or `all`, which is the default
                 * @example incomplete
                 */
                status?: string;
                /**
                 * @description `none`, `low`, `medium` or `high`; may be repeated
                 * @example [
                 *       "high"
                 *     ]
                 */
                priority?: string[];
                /**
                 * @description The name of a tag, whatever its case; may be repeated. `none` is the same as `untagged=true`
                 * @example [
                 *       "Home"
                 *     ]
                 */
                tag?: string[];
                /** @description The id of a tag; may be repeated */
                tag_id?: string[];
                /** @description `true`: tasks without a tag (together with `tag` or `tag_id`: those, too); `false`: tasks with one */
                untagged?: boolean;
                /**
                 * @description `any` (the default) or `all` of the tags that are named
                 * @example any
                 */
                tag_match?: string;
                /**
                 * @description Due before this RFC 3339 time with offset
                 * @example 2026-03-01T09:00:00Z
                 */
                due_before?: string;
                /**
                 * @description Due after this RFC 3339 time with offset
                 * @example 2026-02-01T09:00:00Z
                 */
                due_after?: string;
                /**
                 * @description Changed last before this RFC 3339 time with offset
                 * @example 2026-03-01T09:00:00Z
                 */
                updated_before?: string;
                /**
                 * @description Changed last after this RFC 3339 time with offset
                 * @example 2026-02-01T09:00:00Z
                 */
                updated_after?: string;
                /** @description `true`: due before now and not completed; `false`: all others */
                overdue?: boolean;
                /**
                 * @description Words in title and description, as PostgreSQL's `websearch_to_tsquery` reads them in English: `"a phrase"`, `or`, `-without`
                 * @example plants
                 */
                search?: string;
                /**
                 * @description The id of a task: those right below it; `none`: those below no task
                 * @example none
                 */
                parent_id?: string;
                /**
                 * @description `only`: tasks in the trash instead; `false` is the default
                 * @example false
                 */
                deleted?: string;
                /**
                 * @description `created_at` (the default), `updated_at`, `due_date` (tasks without one last), `priority` (by rank), `title` (whatever its case) or `position` (in the user's own order)
                 * @example due_date
                 */
                sort_by?: string;
                /**
                 * @description `asc` or `desc`, which is the default unless sorted by `position`
                 * @example asc
                 */
                order?: string;
                /**
                 * @description Most tasks on the page; 50, unless said otherwise
                 * @example 50
                 */
                limit?: number;
                /** @description `next_cursor` of the page before; good for the same user, filters and order only */
                cursor?: string;
                /**
                 * @description `exact` counts the tasks on all pages; `none` is the default
                 * @example exact
                 */
                total?: string;
                /** @description The number of the page, for clients that count pages; counts them, too. At most 10,000 tasks are skipped */
                page?: number;
            };
            header?: {
                /** @description Entity tags of pages that the client has */
                "If-None-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tasks */
            200: {
                headers: {
                    /** @description Names this state of the page */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Task"];
                };
            };
            /** @description The client has this page already */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `invalid_cursor`: The cursor was not given out by this list for this user, these filters and this order.
             *     - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    create_task: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Of the client's choice, 1 to 255 visible ASCII characters; the first answer is given again for 24 hours
                 * @example 5f0c7d0e
                 */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "Water the plants",
                 *       "priority": "high",
                 *       "due_date": "2026-03-01T09:00:00+01:00",
                 *       "tags": [
                 *         "Home"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NewTask"];
            };
        };
        responses: {
            /** @description The task */
            201: {
                headers: {
                    /** @description Names this state of the task */
                    ETag?: string;
                    /** @description `true` where this is the answer to an earlier request with this key */
                    "Idempotency-Replayed"?: string;
                    /** @description Where the task is from now on */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `idempotency_conflict`: The Idempotency-Key was used in the last 24 hours with another method, path or body. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    change_tasks: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Of the client's choice, 1 to 255 visible ASCII characters; the first answer is given again for 24 hours
                 * @example 5f0c7d0e
                 */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "operations": [
                 *         {
                 *           "op": "create",
                 *           "body": {
                 *             "title": "Water the plants"
                 *           }
                 *         },
                 *         {
                 *           "op": "create",
                 *           "body": {
                 *             "title": "Feed the cat"
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Batch"];
            };
        };
        responses: {
            /** @description What became of each */
            200: {
                headers: {
                    /** @description `true` where this is the answer to an earlier request with this key */
                    "Idempotency-Replayed"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchResult"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description - `idempotency_conflict`: The Idempotency-Key was used in the last 24 hours with another method, path or body.
             *     - `batch_failed`: A batch with `atomic` has a change that cannot be made. `errors` says which, and why.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    show_stats: {
        parameters: {
            query?: {
                /**
                 * @description The IANA name of the time zone whose days are meant; `UTC`, unless said otherwise
                 * @example Europe/Berlin
                 */
                timezone?: string;
                /**
                 * @description How many days up to today are counted; 30, unless said otherwise
                 * @example 7
                 */
                days?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    find_task: {
        parameters: {
            query?: never;
            header?: {
                /** @description Entity tags of states that the client has */
                "If-None-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task */
            200: {
                headers: {
                    /** @description Names this state of the task */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description The client has this state already */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    replace_task: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "1-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "Water the plants",
                 *       "completed": true,
                 *       "tags": [
                 *         "Home"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["TaskReplacement"];
            };
        };
        responses: {
            /** @description The task as it is now */
            200: {
                headers: {
                    /** @description Names this state of the task */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    delete_task: {
        parameters: {
            query?: {
                /**
                 * @description Whether it is deleted for good
                 * @example false
                 */
                permanent?: boolean;
            };
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "1-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    patch_task: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "1-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "due_date": null
                 *     }
                 */
                "application/json": components["schemas"]["TaskPatch"];
                /**
                 * @example {
                 *       "due_date": null
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["TaskPatch"];
            };
        };
        responses: {
            /** @description The task as it is now */
            200: {
                headers: {
                    /** @description Names this state of the task */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    complete_task: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "1-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Completion"] | null;
            };
        };
        responses: {
            /** @description The task as it is now */
            200: {
                headers: {
                    /** @description Since when toggling is deprecated (RFC 9745), where there was no body */
                    Deprecation?: string;
                    /** @description Names this state of the task */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    set_completion: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "1-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Completion"];
            };
        };
        responses: {
            /** @description The task as it is now */
            200: {
                headers: {
                    /** @description Names this state of the task */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Completed"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_occurrences: {
        parameters: {
            query?: {
                /**
                 * @description Most times to give; 10, unless said otherwise
                 * @example 5
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The next times */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Occurrences"];
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description - `does_not_recur`: The next occurrences were asked for of a task that has no recurrence. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    move_task: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "1-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "before": "0193f5a0-4b7c-7cc3-98c4-dc0c0c07398f"
                 *     }
                 */
                "application/json": components["schemas"]["Move"];
            };
        };
        responses: {
            /** @description The task as it is now */
            200: {
                headers: {
                    /** @description Names this state of the task */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    restore_task: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "2-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task as it is now */
            200: {
                headers: {
                    /** @description Names this state of the task */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_tags_of_task: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All its tags, as one page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Tag"];
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    replace_tags_of_task: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "1-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "tags": [
                 *         "Home",
                 *         {
                 *           "name": "Garden",
                 *           "color": "#10B981"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["TagSet"];
            };
        };
        responses: {
            /** @description All its tags, as one page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Tag"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    assign_tag: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "1-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
                /**
                 * @description Of the client's choice, 1 to 255 visible ASCII characters; the first answer is given again for 24 hours
                 * @example 5f0c7d0e
                 */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTagAssignment"];
            };
        };
        responses: {
            /** @description The task carries it now */
            201: {
                headers: {
                    /** @description `true` where this is the answer to an earlier request with this key */
                    "Idempotency-Replayed"?: string;
                    /** @description Where the assignment can be deleted */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagAssignment"];
                };
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             *     - `body_incomplete`: The body ended early or could not be decoded.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /**
             * @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told.
             *     - `tag_not_found`: The path, or `tag_id`, names no tag of this user.
             */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /**
             * @description - `idempotency_conflict`: The Idempotency-Key was used in the last 24 hours with another method, path or body.
             *     - `duplicate_tag_assignment`: A tag was to be put onto a task that carries it.
             *     - `too_many_tags`: The task carries 50 tags, which is the most.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    unassign_tag: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Entity tags of which the task must have one; else 412
                 * @example "1-YLZn5dPVtBdIIbFf"
                 */
                "If-Match"?: string | null;
            };
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description The task's id */
                task_id: string;
                /** @description The tag's id */
                tag_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task carries it no more */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `invalid_header`: If-Match, If-None-Match or Idempotency-Key has a value that it cannot have.
             *     - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /**
             * @description - `task_not_found`: The path names no task of this user that is not in the trash. Whether another user has one of this id is not told.
             *     - `tag_not_assigned`: A tag was to be taken off a task that does not carry it.
             */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            /** @description - `precondition_failed`: If-Match names no version that is current: somebody has changed it meanwhile. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    empty_trash: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How much that was */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Purged"];
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    list_webhooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All webhooks, as one page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Webhook"];
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    create_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWebhook"];
            };
        };
        responses: {
            /** @description The webhook, with its secret */
            201: {
                headers: {
                    /** @description Where the webhook is from now on */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedWebhook"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            /** @description - `too_many_webhooks`: The user has as many webhooks as one user can: ten. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    find_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description Its id */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `webhook_not_found`: The path names no webhook of this user. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    delete_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description Its id */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description - `multiple_credentials`: The request has two or more `Authorization` headers, and nobody can say which one counts.
             *     - `invalid_parameter`: A query parameter has a value that it cannot have, or was given twice.
             *     - `unknown_parameter`: The operation has no such query parameter. It is refused because a misspelt filter that is passed over shows too much.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `webhook_not_found`: The path names no webhook of this user. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    patch_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The user's UUID, or `me` for the token's user
                 * @example me
                 */
                user_id: string;
                /** @description Its id */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookPatch"];
                "application/merge-patch+json": components["schemas"]["WebhookPatch"];
            };
        };
        responses: {
            /** @description The webhook as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            /** @description - `webhook_not_found`: The path names no webhook of this user. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            408: components["responses"]["RequestTimeout"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalServerError"];
            503: components["responses"]["ServiceUnavailable"];
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can, perhaps with something to note */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadinessReport"];
                };
            };
            /** @description It cannot */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadinessReport"];
                };
            };
        };
    };
}
