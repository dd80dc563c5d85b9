//! An application as a developer would write it: it is registered at an inbox and goes through OAuth.

use serde_json::{Value, json};

use crate::host::{Answer, Client};

pub const CALLBACK: &str = "https://app.example/callback?from=inbox";
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

pub struct Integration<'a> {
    pub inbox: &'a Client,
    pub id: i64,
    pub client_id: String,
    pub client_secret: String,
    pub redirect_uri: String,
}

impl<'a> Integration<'a> {
    /// Registers an application with the usual redirect URI.
    pub fn register(inbox: &'a Client) -> Integration<'a> {
        Integration::register_with(inbox, json!({ "name": "Garage", "redirect_uris": [CALLBACK] }))
    }

    pub fn register_with(inbox: &'a Client, profile: Value) -> Integration<'a> {
        let application = inbox.owner("POST", "/oauth/applications", &profile).expect(201);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Integration {
            inbox,
            id: application["id"].as_i64().expect("an id"),
            client_id: text(&application["client_id"]),
            client_secret: text(&application["client_secret"]),
            redirect_uri: text(&application["redirect_uris"][0]),
        }
    }

    /// The query of a valid request for consent. `changes` replace parameters; an empty value removes its parameter.
    pub fn parameters(&self, changes: &[(&str, &str)]) -> String {
        let usual = [
            ("client_id", self.client_id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", &self.redirect_uri),
            ("scope", "flow integration offline_access"),
            ("state", "a&b=c"),
        ];
        merged(&usual, changes)
    }

    /// Opens the consent page.
    pub fn ask(&self, changes: &[(&str, &str)]) -> Answer {
        self.inbox.send("GET", &format!("/oauth/authorize?{}", self.parameters(changes)), &[], "")
    }

    /// Sends the form of the consent page, with the API token of the inbox. If the request itself is invalid, there is no
    /// form, and the parameters are sent without its token.
    pub fn decide(&self, changes: &[(&str, &str)]) -> Answer {
        self.decide_with(&[], changes)
    }

    /// Sends the form of the consent page with more headers.
    pub fn decide_with(&self, headers: &[(&str, &str)], changes: &[(&str, &str)]) -> Answer {
        let shown = hidden(&self.ask(changes).text, "form_token").unwrap_or_default();
        let usual = [("decision", "authorise"), ("token", self.inbox.api_token.as_str()), ("form_token", &shown)];
        let decided = [&usual, changes].concat();
        self.inbox.send("POST", "/oauth/authorize", &[headers, &[FORM]].concat(), &self.parameters(&decided))
    }

    /// Gets a code for a valid request with these parameters changed.
    pub fn code(&self, changes: &[(&str, &str)]) -> String {
        let answer = self.decide(changes);
        assert_eq!(answer.status, 303, "{}", answer.text);
        query(answer.header("location").expect("a location"), "code").expect("a code")
    }

    /// Sends these fields to the token endpoint and asks for a JSON answer.
    pub fn token(&self, changes: &[(&str, &str)]) -> Answer {
        let usual = [("client_id", self.client_id.as_str()), ("client_secret", &self.client_secret)];
        let body = merged(&usual, changes);
        self.inbox.send("POST", "/oauth/token", &[FORM, ("Accept", "application/json")], &body)
    }

    /// Exchanges a code for tokens, with these fields of the request changed.
    pub fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let usual =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", self.redirect_uri.as_str())];
        self.token(&[&usual, changes].concat())
    }

    pub fn refresh(&self, refresh_token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
    }

    /// Gets an access token and a refresh token for these scopes.
    pub fn authorised(&self, scope: &str) -> (String, String) {
        let tokens = self.exchange(&self.code(&[("scope", scope)]), &[]).expect(200);
        let text = |key: &str| tokens[key].as_str().unwrap_or_default().to_owned();
        (text("access_token"), text("refresh_token"))
    }

    /// The status and the error code of an answer of the token endpoint.
    #[track_caller]
    pub fn error(answer: &Answer) -> (u16, String) {
        (answer.status, answer.json()["error"].as_str().expect("an error").to_owned())
    }
}

pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// The value of a hidden field of a page.
pub fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

/// The value of a parameter in a URL's query.
pub fn query(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn merged(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let mut pairs = usual.to_vec();
    for change in changes {
        pairs.retain(|(name, _)| name != &change.0);
        pairs.push(*change);
    }
    pairs.retain(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
