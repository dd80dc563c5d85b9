//! The pages that people see during OAuth. The consent page has a small script, and works without it.
//!
//! They use the demo page's style sheet (Pico) if the inbox serves it, and are readable without it. Their links are
//! relative, so that they also work behind a server that puts a path before the inbox's own paths. Every text from
//! outside is escaped.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flowdock_integration::html::escape;

use crate::oauth::{OUT_OF_BAND, Scopes};

/// The content security policy. A page loads only its script, its style sheet and images, and no other page can put it in a frame
/// to steal clicks. `form-action` is left out on purpose: browsers also apply it to redirects after the form, so it
/// would block the way to the application and any redirect from there.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; \
     img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The relative path from `/oauth/authorize` to the root of the inbox.
const UP: &str = "..";
/// The relative path from `/oauth/authorize/:code` to the root of the inbox.
const UP_FROM_CODE: &str = "../..";

/// The content of the consent page.
pub struct Consent<'a> {
    /// The application's name.
    pub application: &'a str,
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
            OUT_OF_BAND => "You will see a code to give to the application.".to_owned(),
            uri => format!("After that you go to <code>{}</code>.", escape(uri)),
        };
        let hidden = |name: &str, value: &str| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
        };
        let mut fields: String = self.parameters.iter().map(|(name, value)| hidden(name, value)).collect();
        fields += &hidden("form_token", self.form_token);
        let refused = if self.is_token_refused { " data-refused" } else { "" };
        let problem = self.problem.map(|text| format!("<p role=\"alert\"><strong>{}</strong></p>", escape(text)));
        let status = if problem.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
        page(
            status,
            UP,
            &format!("Authorise {}", self.application),
            &format!(
                "<p><strong>{name}</strong> asks to be allowed to</p><ul>{scopes}</ul><p>{next}</p>{}\
                 <form method=\"post\" action=\"authorize\"{refused}>{fields}\
                 <label>API token of this inbox\
                 <input type=\"password\" name=\"token\" autocomplete=\"off\" autofocus></label>\
                 <button name=\"decision\" value=\"authorise\">Authorise</button> \
                 <button name=\"decision\" value=\"refuse\" class=\"secondary\" formnovalidate>Refuse</button></form>\
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
        UP_FROM_CODE,
        "Authorised",
        &format!(
            "<p>Give this code to the application. It is good for ten minutes.</p><pre><code id=\"code\">{}</code></pre>",
            escape(code)
        ),
    )
}

/// The page for a path that contains no valid code.
pub fn no_code() -> Response {
    page(StatusCode::NOT_FOUND, UP_FROM_CODE, "Not authorised", "<p role=\"alert\">This is not a valid code.</p>")
}

/// The page for an authorisation that failed and cannot go back to an application.
pub fn problem(status: StatusCode, text: &str) -> Response {
    page(status, UP, "Not authorised", &format!("<p role=\"alert\">{}</p>", escape(text)))
}

/// `GET /oauth/consent.js`: the script of the consent page.
pub async fn script() -> Response {
    let javascript = HeaderValue::from_static("text/javascript; charset=utf-8");
    ([(header::CONTENT_TYPE, javascript)], include_str!("consent.js")).into_response()
}

fn page(status: StatusCode, up: &str, title: &str, content: &str) -> Response {
    let title = escape(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"{up}/icon.svg\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"{up}/pico.min.css\">\n\
         </head>\n<body>\n<main class=\"container\">\n<article>\n<h1>{title}</h1>\n{content}\n</article>\n</main>\n\
         </body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    for (name, value) in [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
