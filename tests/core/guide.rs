//! Tests with the examples of Flowdock's integration guides.

use crate::cases::read;
use flowdock_integration::{Activity, Code, Options, Severity, encode, validate};
use serde_json::Value;

const EXAMPLES: [&str; 4] = ["flux-capacitor", "pull-request", "pull-request-closed", "update-action"];

fn example(name: &str) -> Value {
    read(&format!("guide/{name}.json"))
}

#[test]
fn the_examples_of_the_guides_are_accepted() {
    for name in EXAMPLES {
        let report = validate(&example(name), Options::default());
        assert!(report.is_valid(), "{name}: {report:?}");
    }
}

#[test]
fn the_mistake_in_the_pull_request_example_is_the_only_warning() {
    for name in EXAMPLES {
        let report = validate(&example(name), Options::default());
        let found: Vec<_> =
            report.violations().iter().map(|found| (found.path.as_str(), found.code, found.severity)).collect();
        let slip = ("/thread/body", Code::HtmlUnbalanced, Severity::Warning);
        let expected = if name.starts_with("pull") { vec![slip, slip] } else { vec![] };
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn an_encoded_example_parses_to_the_same_value_with_its_keys_in_the_same_order() {
    for name in EXAMPLES {
        let example = example(name);
        assert_eq!(encode(&example, Options::default()).unwrap(), example.to_string(), "{name}");
    }
}

#[test]
fn the_typed_model_reads_the_examples_and_writes_them_unchanged() {
    for name in EXAMPLES {
        let mut example = example(name);
        let activity: Activity = serde_json::from_value(example.clone()).unwrap();
        // The typed model contains no flow token.
        example.as_object_mut().unwrap().remove("flow_token");
        assert_eq!(serde_json::to_value(&activity).unwrap(), example, "{name}");
    }
}
