//! The page that explains every problem of this service: `docs/problems.md`.

use std::{collections::BTreeMap, fmt::Write};

use actix_web::http::StatusCode;
use auth_actix::Refusal;
use domain_kit::{DomainSet, KitProblem, ProblemKind, schema::Problem};

/// The page for a service of these domains, in Markdown. Every code is a heading, so that an address that ends in `#` and a code
/// leads to it.
pub fn problem_page(domains: &DomainSet) -> String {
    let mut page = introduction();
    let mut statuses: BTreeMap<StatusCode, Vec<ProblemKind>> = BTreeMap::new();
    for kind in domains.problems() {
        statuses.entry(kind.status).or_default().push(kind);
    }
    for (status, kinds) in &statuses {
        write!(page, "\n## {status}\n").expect(INFALLIBLE);
        if let Some(about) = about(*status) {
            write!(page, "\n{about}\n").expect(INFALLIBLE);
        }
        for kind in kinds {
            let ProblemKind {
                code,
                title,
                meaning,
                remedy,
                ..
            } = kind;
            write!(
                page,
                "\n### `{code}`\n\n{title}.\n\n- **When:** {meaning}\n- **What to do:** {remedy}\n"
            )
            .expect(INFALLIBLE);
        }
    }
    page += FIELDS;
    for field in domains.field_problems() {
        writeln!(page, "| `{}` | {} |", field.code, field.meaning).expect(INFALLIBLE);
    }
    page
}

const INFALLIBLE: &str = "writing into a text does not fail";

fn introduction() -> String {
    let invalid = KitProblem::ValidationFailed.kind();
    let example = Problem::example(&invalid, "/api/v1/me/tasks");
    let example = serde_json::to_string_pretty(&example).expect("it consists of texts and numbers");
    format!(
        "\
# Problems

<!-- Written by `api-server problems`; change the lists in the code instead. -->

Whatever is no success is answered with a problem, `application/problem+json` (RFC 9457):

```json
{example}
```

| member | what |
| --- | --- |
| `type` | A URI that stands for the `code`. It leads to this page where the operator has published it (`server.problems_url`). |
| `title` | The code in words; always the same for a code. |
| `status` | The HTTP status. |
| `code` | The name of the problem, for programs. |
| `detail` | What to do, or what this case is about: for people. |
| `instance` | The path of the request. |
| `request_id` | Quote it when you ask for help; it is in the log, and in the header `X-Request-ID`. |
| `errors` | What is wrong with the body, one entry for each fault: a JSON pointer (RFC 6901), a code [of these](#members-of-a-body), and words. |
| `error` | The same text as `detail`, for clients of older servers. |

Branch on `code`; the words are for people and may get better. A code never changes its meaning. New codes come with new
versions, so treat one that you do not know as what its status says:

- 401: fetch a new token and try once more; if that is refused, too, let the user sign in again.
- 408, 503: try again after `Retry-After`, or after a pause that grows; changes with an `Idempotency-Key`, or after a look at what
  has become of them.
- 412: read again, then decide.
- any other 4xx: the same request will be refused again; do what its section says, or tell the user.
- 500: report it, with the `request_id`.
"
    )
}

/// What several problems of one status have in common.
fn about(status: StatusCode) -> Option<&'static str> {
    // Statuses are chosen where the problems are, so each is named by one of those that have it.
    let families = [
        (
            KitProblem::BadRequest.kind(),
            "The request is not written as it must be.",
        ),
        (
            Refusal::TokenMissing.kind(),
            "Nobody knows who sends this, or they are not welcome any more. The header `WWW-Authenticate` says the same in the \
             terms of RFC 6750.",
        ),
        (
            Refusal::UserMismatch.kind(),
            "It is known who sends this, and it is not for them. Which of these there are depends on what the service asks for \
             at a path.",
        ),
        (
            KitProblem::PathNotFound.kind(),
            "There is nothing of the user's here. What belongs to somebody else is not there for anybody but them.",
        ),
        (
            KitProblem::IdempotencyConflict.kind(),
            "The request is good, and does not go with what is there already.",
        ),
        (
            KitProblem::InternalError.kind(),
            "The service is wrong. Its log says how.",
        ),
        (
            KitProblem::Unavailable.kind(),
            "The service cannot decide now. Where the header `Retry-After` is there, it says after how many seconds to try again.",
        ),
    ];
    families
        .into_iter()
        .find_map(|(kind, about)| (kind.status == status).then_some(about))
}

const FIELDS: &str = "
## Members of a body

The `code` of an entry of `errors`, in answers with [`validation_failed`](#validation_failed):

| code | what is wrong |
| --- | --- |
";
