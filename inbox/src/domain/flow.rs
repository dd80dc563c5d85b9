//! Organisations and their flows.

/// The key of a flow's row. Only the paths of files show it; everything else names a flow by its id or its name.
pub type FlowKey = i64;

/// A flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The key of the flow's row.
    pub key: FlowKey,
    /// The flow's id in the API.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The name in paths.
    pub parameterized_name: String,
    /// The organisation to which the flow belongs.
    pub organization: Organization,
}

/// An organisation.
#[derive(Clone, Debug)]
pub struct Organization {
    /// The key of the organisation's row, which is also its id in the API.
    pub id: i64,
    /// The name that people see.
    pub name: String,
    /// The name in paths.
    pub parameterized_name: String,
}

/// The organisation that the first start creates.
pub const FIRST_ORGANIZATION: &str = "example";
/// The flow that the first start creates.
pub const FIRST_FLOW: &str = "main";

/// The longest name of a flow or an organisation, in characters. Flowdock has the same limit.
pub const MAX_NAME_CHARS: usize = 100;

/// How many flows an inbox may have. A list shows all of them.
pub const MAX_FLOWS: i64 = 1000;

/// Why a flow is not created, renamed or removed.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Another flow of the organisation has this name.
    #[error("another flow has this name")]
    NameTaken,
    /// The inbox has `MAX_FLOWS` flows already.
    #[error("there are too many flows")]
    TooMany,
    /// The inbox has no other flow.
    #[error("it is the only flow")]
    OnlyFlow,
}

/// The names in paths that a flow with this name can get, from the best one on: `my-flow`, `my-flow-2`, `my-flow-3` and so on.
///
/// A name in paths consists of ASCII letters and digits with single hyphens between them, so no URL has to escape it.
pub fn path_names(name: &str) -> impl Iterator<Item = String> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    let first = if first.is_empty() { "flow".to_owned() } else { first };
    (1..).map(move |number| if number == 1 { first.clone() } else { format!("{first}-{number}") })
}

/// The name that people see, from a parameterized name: `Main` for `main`.
pub fn title(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_paths_needs_no_escaping() {
        for (name, path) in [
            ("My flow", "my-flow"),
            ("  Ops & Co. (EU)/2 ", "ops-co-eu-2"),
            ("Größe", "gr-e"),
            ("..", "flow"),
            ("日本", "flow"),
        ] {
            let names: Vec<String> = path_names(name).take(3).collect();
            assert_eq!(names, [path.to_owned(), format!("{path}-2"), format!("{path}-3")], "{name}");
        }
    }
}
