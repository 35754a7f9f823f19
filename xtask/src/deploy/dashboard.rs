//! Expressions in PromQL: those of Grafana's dashboard, and the metrics that are named in any.

use std::collections::BTreeSet;

/// As strings of JSON, which YAML reads as well. Each stands on a line of its own.
pub(super) fn expressions(dashboard: &str) -> Vec<String> {
    dashboard
        .lines()
        .filter_map(|line| line.trim().strip_prefix("\"expr\": "))
        .map(|text| text.trim_end_matches(',').to_owned())
        .collect()
}

/// A file of rules that has them all, with something in the place of Grafana's variables.
pub(super) fn as_rules(expressions: &[String]) -> String {
    let mut rules = "groups:\n  - name: dashboard\n    rules:\n".to_owned();
    for (number, expression) in expressions.iter().enumerate() {
        let expression = expression
            .replace("$__rate_interval", "5m")
            .replace("$instance", ".*")
            .replace("$job", "drawbridge-api");
        rules.push_str(&format!(
            "      - record: panel:{number}\n        expr: {expression}\n"
        ));
    }
    rules
}

/// What these expressions ask for, and the book does not have between backticks.
pub(super) fn unknown(expressions: &str, book: &str) -> Vec<String> {
    let known: BTreeSet<&str> = book.split('`').collect();
    // `jwks_fetch_total{outcome}` is the metric with its label.
    let known: BTreeSet<&str> = known
        .into_iter()
        .map(|name| name.split('{').next().unwrap_or_default())
        .collect();
    metrics(expressions)
        .into_iter()
        .filter(|name| !known.contains(name.as_str()))
        .collect()
}

/// Names that begin like ours and are no labels, without what a histogram adds to its own.
pub(super) fn metrics(expressions: &str) -> BTreeSet<String> {
    const FAMILIES: [&str; 9] = [
        "accounts_",
        "api_server_",
        "change",
        "chores_",
        "db_",
        "http_",
        "jwks_",
        "jwt_",
        "webhook_",
    ];
    const LABELS: [&str; 5] = [
        "http_request_method",
        "http_route",
        "http_response_status_code",
        "jwks_url",
        "changes",
    ];
    expressions
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.contains('_'))
        .filter(|word| FAMILIES.iter().any(|family| word.starts_with(family)))
        .filter(|word| !LABELS.contains(word))
        .map(|word| {
            let histogram = ["_bucket", "_count", "_sum"];
            let bare = histogram.iter().find_map(|it| word.strip_suffix(it));
            bare.unwrap_or(word).to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_that_the_book_does_not_know_is_told() {
        let book = "| `jwks_fetch_total{outcome}` | and `http_seconds`, `db_open`";
        let known = "sum by (http_route) (rate(http_seconds_bucket{a=\"b\"}[5m])) / db_open";
        assert!(unknown(known, book).is_empty());
        let misspelt = "rate(jwks_fetches_total{jwks_url=\"u\"}[5m]) or jwks_fetch_total";
        assert_eq!(unknown(misspelt, book), ["jwks_fetches_total"]);
    }

    #[test]
    fn expressions_are_read_with_their_escapes_and_get_values_for_variables() {
        let dashboard = "{\n  \"expr\": \"up{job=\\\"$job\\\"}\",\n  \"legendFormat\": \"x\"\n}\n";
        let found = expressions(dashboard);
        assert_eq!(found, ["\"up{job=\\\"$job\\\"}\""]);
        assert!(as_rules(&found).ends_with("expr: \"up{job=\\\"drawbridge-api\\\"}\"\n"));
    }
}
