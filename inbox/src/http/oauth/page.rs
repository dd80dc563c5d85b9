//! The pages that people see during OAuth. The consent page has a small script, and works without it.
//!
//! They have a style sheet of their own (`page.css`), because an inbox may serve no page beside the API. Their links are
//! relative, so that they also work behind a server that puts a path before the inbox's own paths. Every text from
//! outside is escaped.
//!
//! Anybody may open the consent page, so it tells nothing about the inbox that is not in its address. Who is signed in and
//! the name of the flow are filled in by the script, with the session that the owner's browser keeps.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flowdock_integration::html::escape;

use crate::oauth::{OUT_OF_BAND, Scopes};

/// The content security policy. A page loads only its script, its style sheet and images, and no other page can put it in a frame
/// to steal clicks. `form-action` is left out on purpose: browsers also apply it to redirects after the form, so it
/// would block the way to the application and any redirect from there.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; \
     img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The relative path from `/oauth/authorize` to `/oauth/`.
const FROM_AUTHORIZE: &str = "";
/// The relative path from `/oauth/authorize/:code` to `/oauth/`.
const FROM_CODE: &str = "../";

/// What an application gets by being authorised, and what it does not get.
const LIMITS: &str = "It never sees your API token. Its access holds for all flows of this inbox, and you can end it there at \
     any time.";

/// The content of the consent page.
pub struct Consent<'a> {
    /// The application's name.
    pub application: &'a str,
    /// The application's client id.
    pub client_id: &'a str,
    /// The URL of the inbox.
    pub inbox: &'a str,
    /// The id of the flow from which the owner comes, if the request names it.
    pub flow: Option<&'a str>,
    /// The scopes that the application asks for.
    pub scopes: &'a Scopes,
    /// The URI to which the browser goes after the decision.
    pub redirect_uri: &'a str,
    /// The parameters of the request, which the form sends again.
    pub parameters: &'a [(&'a str, &'a str)],
    /// The token of the form.
    pub form_token: &'a str,
    /// Why the last attempt failed, if there was one.
    pub problem: Option<&'a str>,
    /// Whether it failed because of the token, so that the browser shall forget what it keeps.
    pub is_token_refused: bool,
}

impl Consent<'_> {
    /// Builds the page. Its status is 200, or 403 after a failed attempt.
    pub fn page(&self) -> Response {
        let name = escape(self.application);
        let scopes: String = self.scopes.iter().map(|scope| format!("<li>{}</li>", escape(scope.meaning()))).collect();
        let next = match self.redirect_uri {
            OUT_OF_BAND => "You get a code to give to the application.".to_owned(),
            uri => format!("You go back to <b>{}</b>.<small>{}</small>", escape(&host(uri)), escape(uri)),
        };
        let flow = self.flow.map(|id| {
            let id = escape(id);
            format!("<div id=\"flow\" data-id=\"{id}\" hidden><dt>You come from the flow</dt><dd></dd></div>")
        });
        let facts = format!(
            "<dl><div><dt>Application</dt><dd><b>{name}</b><small>Client id {}</small></dd></div>\
             <div><dt>Inbox</dt><dd><b>{}</b></dd></div>\
             <div id=\"user\" hidden><dt>Signed in as</dt><dd></dd></div>{}\
             <div><dt>Afterwards</dt><dd>{next}</dd></div></dl>",
            escape(self.client_id),
            escape(&host(self.inbox)),
            flow.unwrap_or_default(),
        );
        let hidden = |name: &str, value: &str| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
        };
        let mut fields: String = self.parameters.iter().map(|(name, value)| hidden(name, value)).collect();
        fields += &hidden("form_token", self.form_token);
        let refused = if self.is_token_refused { " data-refused" } else { "" };
        let problem = self.problem.map(alert);
        let status = if problem.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
        page(
            status,
            FROM_AUTHORIZE,
            &format!("Authorise {}", self.application),
            &format!(
                "{}<p>It asks to be allowed to</p><ul>{scopes}</ul><p class=\"quiet\">{LIMITS}</p>{facts}\
                 <form method=\"post\" action=\"authorize\"{refused}>{fields}\
                 <label>API token of this inbox\
                 <input type=\"password\" name=\"token\" autocomplete=\"off\" autofocus>\
                 <small>The inbox showed it when it first started. This browser will keep a session instead.</small></label>\
                 <div class=\"buttons\"><button name=\"decision\" value=\"authorise\">Authorise</button>\
                 <button name=\"decision\" value=\"refuse\" class=\"secondary\" formnovalidate>Refuse</button></div></form>\
                 <script src=\"consent.js\"></script>",
                problem.unwrap_or_default()
            ),
        )
    }
}

/// The page with the code of an out-of-band application. The page's URL contains the code as well.
pub fn code(code: &str) -> Response {
    page(
        StatusCode::OK,
        FROM_CODE,
        "Authorised",
        &format!(
            "<p>Give this code to the application. It is good for ten minutes, and only once.</p>\
             <pre class=\"code\" tabindex=\"0\"><code id=\"code\">{}</code></pre>\
             <p class=\"quiet\">A click selects all of it. You can close this page when the application has it.</p>",
            escape(code)
        ),
    )
}

/// The page for a path that contains no valid code.
pub fn no_code() -> Response {
    let text = alert("This is not a valid code.");
    page(StatusCode::NOT_FOUND, FROM_CODE, NOT_AUTHORISED, &format!("{text}{BEGIN_AGAIN}"))
}

/// The page for an authorisation that failed and cannot go back to an application.
pub fn problem(status: StatusCode, text: &str) -> Response {
    page(status, FROM_AUTHORIZE, NOT_AUTHORISED, &format!("{}{BEGIN_AGAIN}", alert(text)))
}

const NOT_AUTHORISED: &str = "Not authorised";
const BEGIN_AGAIN: &str = "<p class=\"quiet\">Nothing was allowed. Go back to the application and begin again there. If this page \
     comes back, tell its developer what it says.</p>";

fn alert(text: &str) -> String {
    format!("<p role=\"alert\">{}</p>", escape(text))
}

/// The host of a URL with its port, for the owner to recognise.
fn host(url: &str) -> String {
    let uri = url.parse::<Uri>().ok();
    uri.as_ref().and_then(Uri::authority).map_or_else(|| url.to_owned(), ToString::to_string)
}

/// `GET /oauth/consent.js`: the script of the consent page.
pub async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("consent.js"))
}

/// `GET /oauth/page.css`: the style sheet of all pages.
pub async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("page.css"))
}

fn file(content_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], text).into_response()
}

fn page(status: StatusCode, up: &str, title: &str, content: &str) -> Response {
    let title = escape(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"{up}../icon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"{up}page.css\">\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>\n{content}\n</main>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    for (name, value) in [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
