//! What can go wrong with the history of a user's data, and how it is told.

domain_kit::problems! {
    /// What following changes can be answered with, beside what every operation can.
    pub enum ChangesProblem {
        HistoryTrimmed = GONE "history_trimmed",
            "The history does not go back so far",
            "Events after the number that was given have been deleted already: there would be a gap.",
            "Read everything anew, then go on from the number that GET /changes without since gives.";
        SequenceAhead = CONFLICT "sequence_ahead",
            "The history has not come so far",
            "The number that was given is after the last event: it is of another database, or of one from before it was restored.",
            "Read everything anew, then go on from the number that GET /changes without since gives.";
        WebhookNotFound = NOT_FOUND "webhook_not_found",
            "No such webhook",
            "The path names no webhook of this user.",
            "Nothing of yours has this id. It may have been deleted.";
        TooManyWebhooks = CONFLICT "too_many_webhooks",
            "There are too many webhooks",
            "The user has as many webhooks as one user can: ten.",
            "Delete one first.";
        TooManyStreams = TOO_MANY_REQUESTS "too_many_streams",
            "There are too many streams",
            "The user follows as many streams of this server as one user can: eight.",
            "Close one, or share one among your tabs.";
    }
}
