//! Tests of each rule in the table: what it accepts and what it refuses.
//!
//! `tests/fixtures/rules.json` is written by hand. `tests/fixtures/reports.json` contains the whole reports, and the
//! tests of the npm package compare their reports with it too. If you changed a report on purpose, write the file again
//! with `BLESS=1`.

use std::collections::BTreeSet;
use std::fs;

use crate::cases::{Case, fixture, read};
use flowdock_integration::schema::{Need, rows};
use flowdock_integration::{Code, Options, Report, Severity, validate};
use serde_json::{Value, json};

#[test]
fn each_case_of_the_table_gives_its_violations() {
    for case in Case::all() {
        let report = validate(&case.message(), case.options());
        let found: Vec<String> = report.violations().iter().map(line).collect();
        assert_eq!(found, case.report, "{}: {}", case.row, case.name);
    }
}

#[test]
fn whole_reports_are_as_committed() {
    let reports: Vec<Value> =
        Case::all().iter().map(|case| json!({ "row": case.row, "name": case.name, "report": report(case) })).collect();
    if std::env::var_os("BLESS").is_some() {
        let lines: Vec<String> = reports.iter().map(|report| format!("  {report}")).collect();
        fs::write(fixture("reports.json"), format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    }
    let committed = read("reports.json");
    for (index, report) in reports.iter().enumerate() {
        assert_eq!(*report, committed[index], "not as in reports.json");
    }
    assert_eq!(committed.as_array().unwrap().len(), reports.len());
}

#[test]
fn a_value_that_is_too_large_or_too_deep_is_reported_with_its_path() {
    let message = |body: Value| json!({ "event": "message", "content": "x", "external_thread_id": "1", "extra": body });
    let errors = |body: Value| -> Vec<String> {
        let report = validate(&message(body), Options::default());
        report.violations().iter().filter(|found| found.severity == Severity::Error).map(line).collect()
    };
    let most = 1 << 26;
    assert_eq!(errors(json!(["x".repeat(most - 100), "x".repeat(100)])), ["error invalid_type /extra/1"]);
    assert_eq!(errors("x".repeat(most - 100).into()), [""; 0]);
    let nested = |depth: usize| (0..depth).fold(json!([]), |inner, _| json!([inner]));
    assert_eq!(errors(nested(100)), [""; 0]);
    assert_eq!(errors(nested(200)).len(), 1);
}

#[test]
fn each_row_of_the_table_has_a_case_that_it_accepts_and_one_for_each_of_its_codes() {
    let cases = Case::all();
    // The paths that each case touches, with `N` for each index.
    let mut accepted = BTreeSet::new();
    let mut refused = BTreeSet::new();
    for case in &cases {
        let report = validate(&case.message(), case.options());
        refused.extend(report.violations().iter().map(|violation| (pattern(&violation.path), violation.code)));
        if report.violations().is_empty() {
            accepted.extend(paths("", &case.message()));
        }
    }
    for row in rows() {
        assert!(accepted.contains(&row.path), "no case with {} that breaks no rule", row.path);
        let all = || row.rule.needs.iter();
        let required = all().any(|need| matches!(need, Need::Required | Need::RequiredByDefault));
        let by_need = [
            required.then_some(Code::Required),
            all().any(|need| *need == Need::NotUsed).then_some(Code::NotUsed),
            all().any(|need| *need == Need::Recommended).then_some(Code::Recommended),
        ];
        for code in row.rule.form.codes().into_iter().chain(by_need.into_iter().flatten()) {
            // The policies have tests of their own. These cases only show that a policy is asked.
            let asked =
                matches!(code, Code::HtmlTagNotAllowed | Code::HtmlInPlainText) || !code.as_str().starts_with("html_");
            let path = if code == Code::InvalidType && row.path == "/tags" { "/tags/N" } else { &row.path };
            let found = refused.contains(&(path.to_owned(), code));
            assert!(found || !asked, "no case with {} that gives {code}", row.path);
        }
    }
    // Only JSON text has violations with these codes. `json_text.rs` and `tests/node/values.test.js` test them.
    let of_text = [Code::NotWellFormed, Code::InvalidJson, Code::DuplicateKey];
    for code in Code::ALL.iter().filter(|code| !of_text.contains(code)) {
        assert!(refused.iter().any(|(_, found)| found == code), "no case gives {code}");
    }
}

/// Returns the path of every object in a value.
fn objects(prefix: &str, value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (format!("{prefix}/{key}"), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (format!("{prefix}/{index}"), value)).collect()
        }
        _ => Vec::new(),
    };
    let own = value.is_object().then(|| prefix.to_owned());
    own.into_iter().chain(inner.iter().flat_map(|(path, value)| objects(path, value))).collect()
}

#[test]
fn null_counts_as_missing_whatever_the_key() {
    let mut compared = 0;
    for case in Case::all() {
        let message = case.message();
        for path in objects("", &message) {
            // The table has no rules for the keys of attachments.
            let known = rows().into_iter().map(|row| row.path).filter(|_| !path.starts_with("/attachments"));
            let keys: BTreeSet<String> = known
                .filter_map(|row| row.strip_prefix(&pattern(&path))?.strip_prefix('/').map(str::to_owned))
                .collect();
            for key in keys.iter().filter(|key| !key.contains('/')) {
                let (mut null, mut missing) = (message.clone(), message.clone());
                null.pointer_mut(&path).unwrap()[key] = Value::Null;
                missing.pointer_mut(&path).unwrap().as_object_mut().unwrap().remove(key);
                let [null, missing] = [null, missing].map(|message| {
                    let mut lines: Vec<_> = validate(&message, case.options()).violations().iter().map(line).collect();
                    lines.sort();
                    lines
                });
                assert_eq!(null, missing, "{path}/{key} of {message}");
                compared += 1;
            }
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn a_report_is_valid_when_nothing_in_it_is_an_error() {
    for case in Case::all() {
        let report = validate(&case.message(), case.options());
        let errors = report.violations().iter().any(|violation| violation.severity == Severity::Error);
        assert_eq!(report.is_valid(), !errors, "{}", case.name);
    }
}

#[test]
fn no_violation_prints_a_token() {
    let token = "29991";
    for value in
        [json!(29991), json!([token]), json!({ "x": token }), json!(format!("{token} ")), json!(format!(" {token}"))]
    {
        let report = validate(&json!({ "event": "message", "flow_token": value }), Default::default());
        assert!(report.violations().iter().any(|violation| violation.path == "/flow_token"), "{value}");
        let text = format!("{report:?} {}", serde_json::to_string(&report).unwrap());
        assert!(!text.contains(token), "{text}");
    }
}

fn report(case: &Case) -> Report {
    validate(&case.message(), case.options())
}

fn line(violation: &flowdock_integration::Violation) -> String {
    let severity = if violation.severity == Severity::Error { "error" } else { "warning" };
    format!("{severity} {} {}", violation.code, violation.path).trim_end().to_owned()
}

fn pattern(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.parse::<usize>().is_ok() { "N" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Returns the path of every value that is not null, with `N` for each index.
fn paths(prefix: &str, value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (format!("{prefix}/{key}"), value)).collect(),
        Value::Array(items) => items.iter().map(|value| (format!("{prefix}/N"), value)).collect(),
        Value::Null => return Vec::new(),
        _ => Vec::new(),
    };
    let deeper = inner.iter().flat_map(|(path, value)| paths(path, value));
    [prefix.to_owned()].into_iter().chain(deeper).collect()
}
