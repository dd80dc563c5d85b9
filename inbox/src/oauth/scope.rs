//! Scopes: the permissions that an application can ask for.

use std::fmt;

/// One of Flowdock's scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Read and send messages to flows.
    Flow,
    /// Read and send private messages.
    Private,
    /// Manage flows, organisations and their users.
    Manage,
    /// Access the user's profile.
    Profile,
    /// Get refresh tokens.
    OfflineAccess,
    /// Create, change and remove sources.
    Integration,
}

impl Scope {
    const ALL: [Scope; 6] =
        [Scope::Flow, Scope::Private, Scope::Manage, Scope::Profile, Scope::OfflineAccess, Scope::Integration];

    /// The scope's name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Flow => "flow",
            Scope::Private => "private",
            Scope::Manage => "manage",
            Scope::Profile => "profile",
            Scope::OfflineAccess => "offline_access",
            Scope::Integration => "integration",
        }
    }

    /// The scope's meaning, for the owner who decides.
    pub fn meaning(self) -> &'static str {
        match self {
            Scope::Flow => "read messages and threads, and write chat messages in your name",
            Scope::Private => "read private messages; this inbox has none",
            Scope::Manage => "see your flows; this inbox lets no application change them",
            Scope::Profile => "know who you are",
            Scope::OfflineAccess => "keep its access while you are away",
            Scope::Integration => "see your flows and their sources, and add, change and remove its own",
        }
    }
}

/// A set of scopes. As text, it is their names with spaces between them, as in requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Reads names that are separated by spaces. Without any name, the scopes are `flow` and `private`. Returns `None`
    /// if a name is unknown.
    pub fn parse(names: &str) -> Option<Scopes> {
        let find = |name: &str| Scope::ALL.into_iter().find(|scope| scope.name() == name);
        let mut scopes = names.split(' ').filter(|name| !name.is_empty()).map(find).collect::<Option<Vec<_>>>()?;
        if scopes.is_empty() {
            scopes = vec![Scope::Flow, Scope::Private];
        }
        scopes.sort();
        scopes.dedup();
        Some(Scopes(scopes))
    }

    /// Whether the set contains this scope.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether the set contains all scopes of `others`.
    pub fn include(&self, others: &Scopes) -> bool {
        others.iter().all(|scope| self.contains(scope))
    }

    /// The scopes of the set, in order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    /// The names with commas between them, as in answers.
    pub fn with_commas(&self) -> String {
        self.to_string().replace(' ', ",")
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(Scope::name).collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_names_are_read_in_any_order_and_unknown_names_are_refused() {
        for (names, scopes) in [
            ("", Some("flow private")),
            ("integration  flow", Some("flow integration")),
            ("flow flow", Some("flow")),
            ("offline_access", Some("offline_access")),
            ("flow,integration", None),
            ("Flow", None),
            ("everything", None),
        ] {
            assert_eq!(Scopes::parse(names).map(|scopes| scopes.to_string()).as_deref(), scopes, "{names:?}");
        }
    }
}
