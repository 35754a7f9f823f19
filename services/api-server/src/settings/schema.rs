use serde_json::{Map, Value, json};

use super::keys::{KEYS, Key};

/// The file that explains every key; its comments are the schema's descriptions.
const EXPLAINED: &str = include_str!("../../../../deploy/api-server.toml");

/// The JSON Schema (2020-12) of the file of `--config`, for editors and for whoever writes such files by program. It knows names
/// and kinds of values; whether a value will do, `config check` says.
pub fn schema() -> Value {
    let mut root = section("Settings of api-server, as deploy/api-server.toml explains them.");
    for key in KEYS {
        let mut names: Vec<&str> = key.path.split('.').collect();
        let name = names.pop().expect("a path has a name");
        let into = names.iter().fold(&mut root, |section, name| {
            let members = section["properties"].as_object_mut().expect("made below");
            members.entry(*name).or_insert_with(|| self::section(""))
        });
        into["properties"][name] = property(key);
    }
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root
}

fn section(description: &str) -> Value {
    let mut section = json!({"type": "object", "additionalProperties": false, "properties": {}});
    if !description.is_empty() {
        section["description"] = json!(description);
    }
    section
}

fn property(key: &Key) -> Value {
    let mut property = Map::new();
    let environment: Vec<String> = key.variables().collect();
    property.insert("description".to_owned(), json!(description(key)));
    property.insert("x-environment".to_owned(), json!(environment));
    let text = json!({"type": "string"});
    match key.default {
        _ if key.list => {
            let several = json!({"type": "array", "items": text});
            property.insert("anyOf".to_owned(), json!([several, text]));
        }
        Some(default @ ("true" | "false")) => {
            property.insert("type".to_owned(), json!("boolean"));
            property.insert("default".to_owned(), json!(default == "true"));
        }
        Some(default) => match default.parse::<u64>() {
            Ok(number) => {
                property.insert("type".to_owned(), json!(["integer", "string"]));
                property.insert("default".to_owned(), json!(number));
            }
            Err(_) => {
                property.insert("type".to_owned(), json!(["string", "integer"]));
                property.insert("default".to_owned(), json!(default));
            }
        },
        None => {
            property.insert("type".to_owned(), json!(["string", "integer"]));
        }
    }
    if let (true, Some(default)) = (key.list, key.default) {
        let members: Vec<&str> = default.split(',').map(str::trim).collect();
        property.insert("default".to_owned(), json!(members));
    }
    Value::Object(property)
}

/// The comment above the key, without what it says only of the file.
fn description(key: &Key) -> String {
    let (section, name) = key
        .path
        .rsplit_once('.')
        .expect("every key is in a section");
    let header = format!("[{section}]");
    let body = EXPLAINED
        .lines()
        .skip_while(|line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['));
    let mut comment: Vec<&str> = Vec::new();
    for line in body {
        let words = line.strip_prefix("# ");
        match words {
            Some(words) => comment.push(words),
            None if line
                .trim_start_matches('#')
                .starts_with(&format!("{name} = ")) =>
            {
                break;
            }
            None => comment.clear(),
        }
    }
    let text = comment.join(" ");
    text.trim_end_matches(" For example:").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(schema: &'a Value, path: &str) -> &'a Value {
        let pointer = path.split('.').fold(String::new(), |mut pointer, name| {
            pointer.push_str("/properties/");
            pointer.push_str(name);
            pointer
        });
        schema.pointer(&pointer).unwrap()
    }

    #[test]
    fn every_key_is_in_it_explained_with_its_default_and_its_variable() {
        let schema = schema();
        for key in KEYS {
            let property = at(&schema, key.path);
            let about = property["description"].as_str().unwrap();
            // A key whose line continues the one before has no comment of its own.
            let continued = [
                "auth.jwks.longest_pause",
                "auth.jwks.longest_pause_without_keys",
                "auth.jwks.jitter_percent",
            ];
            assert!(
                about.len() > 5 || continued.contains(&key.path),
                "{}: {about:?}",
                key.path
            );
            assert!(!about.contains("For example:"), "{about}");
            let variables = property["x-environment"].as_array().unwrap();
            assert!(variables.contains(&json!(key.variable())));
            assert_eq!(
                property.get("default").is_some(),
                key.default.is_some(),
                "{}",
                key.path
            );
        }
        assert_eq!(at(&schema, "server.port")["default"], 8000);
        assert_eq!(at(&schema, "auth.accounts.listen")["type"], "boolean");
        assert_eq!(at(&schema, "auth.algorithms")["default"][0], "EdDSA");
        assert_eq!(at(&schema, "auth.jwks")["additionalProperties"], false);
    }
}
