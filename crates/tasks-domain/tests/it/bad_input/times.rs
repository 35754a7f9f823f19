use serde_json::json;
use test_door::Dice;

use super::Scene;
use crate::support::{Ask, encoded};

/// Valid times with a few of their characters changed, taken out, put in or moved.
#[actix_web::test]
async fn no_text_in_the_place_of_a_time_is_a_fault_of_the_server() {
    const TEXTS: usize = 10_000;
    const TEXTS_OF_A_REQUEST: usize = 5;
    let scene = Scene::new().await;
    let task = format!("/tasks/{}", scene.task);
    let mut dice = Dice::new(0x0da7e5);
    let mut answers = std::collections::BTreeMap::new();
    for _ in 0..TEXTS / TEXTS_OF_A_REQUEST {
        let texts: Vec<String> = (0..TEXTS_OF_A_REQUEST)
            .map(|_| mutated_time(&mut dice))
            .collect();
        // Two in a body, three in a query.
        let body = json!({"due_date": texts[0], "reminder_at": texts[1]});
        let patch = scene.ask(Ask::patch(&task).json(&body)).await;
        let query = format!(
            "/tasks?due_before={}&due_after={}&updated_after={}",
            encoded(&texts[2]),
            encoded(&texts[3]),
            encoded(&texts[4])
        );
        let list = scene.ask(Ask::get(query)).await;
        for answer in [patch, list] {
            let status = answer.status.as_u16();
            assert!(
                [200, 400, 422].contains(&status),
                "{texts:?}: {}",
                answer.text
            );
            *answers.entry(status).or_insert(0) += 1;
            for error in answer.errors() {
                let (_, code) = error.split_once(' ').unwrap();
                assert!(
                    ["missing_offset", "invalid_timestamp", "not_before_due"].contains(&code),
                    "{texts:?}: {error}"
                );
            }
            if status == 200 && answer.body["due_date"].is_string() {
                let due = answer.body["due_date"].as_str().unwrap();
                let again = scene
                    .ask(Ask::patch(&task).json(&json!({"due_date": due})))
                    .await;
                assert_eq!(
                    again.body["due_date"], due,
                    "what was answered is understood"
                );
            }
        }
    }
    // Not all of them were nonsense.
    assert!(answers.values().all(|count| *count > 50), "{answers:?}");
    assert_eq!(answers.len(), 3, "{answers:?}");
}

fn mutated_time(dice: &mut Dice) -> String {
    const VALID: [&str; 8] = [
        "2026-12-01T10:00:00Z",
        "2026-12-01T10:00:00.123456789Z",
        "2028-02-29T23:59:59+01:00",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "2026-06-30T23:59:60Z",
        "2026-12-01t10:00:00.5-23:59",
        "2026-12-01 10:00:00+14:00",
    ];
    const ALPHABET: [char; 24] = [
        '0', '1', '2', '3', '5', '6', '9', '-', ':', '.', ',', '+', 'T', 't', 'Z', 'z', ' ', 'W',
        '/', '\u{0}', '\u{2212}', '٣', '[', 'e',
    ];
    let mut text: Vec<char> = dice.pick(&VALID).chars().collect();
    for _ in 0..dice.below(4) {
        if text.is_empty() {
            break;
        }
        let at = dice.below(text.len());
        match dice.below(5) {
            0 | 1 => text[at] = dice.pick(&ALPHABET),
            2 => text.insert(at, dice.pick(&ALPHABET)),
            3 => {
                text.remove(at);
            }
            _ => {
                let other = dice.below(text.len());
                text.swap(at, other);
            }
        }
    }
    text.into_iter().collect()
}
