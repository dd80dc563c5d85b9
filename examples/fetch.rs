//! A client for JavaScript, made from the Rust client. `cargo xtask test` builds it, and `tests/node/fetch.test.js`
//! runs it.

#![allow(missing_docs, reason = "an example")]

#[cfg(target_arch = "wasm32")]
mod poster {
    use std::future::pending;
    use std::rc::Rc;

    use flowdock_integration::fetch::FetchClient;
    use flowdock_integration::{ChatMessage, Client, ClientOptions, PostOptions, RetryOptions};
    use js_sys::Promise;
    use wasm_bindgen::JsValue;
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen_futures::{JsFuture, future_to_promise};
    use web_sys::AbortSignal;

    #[wasm_bindgen]
    pub struct Poster(Rc<FetchClient>);

    #[wasm_bindgen]
    impl Poster {
        #[wasm_bindgen(constructor)]
        pub fn new(base_url: String, flow_token: String, timeout_ms: u32) -> Result<Poster, JsValue> {
            let client = Client::new(ClientOptions::new(base_url, flow_token));
            let mut client = FetchClient::new(client.map_err(|error| error.to_string())?);
            client.timeout_ms = timeout_ms;
            client.retry = RetryOptions { base_ms: 1, cap_ms: 8, ..RetryOptions::default() };
            Ok(Poster(Rc::new(client)))
        }

        /// Sets the other options of the client. Call it before the first post.
        pub fn set(&mut self, concurrency: u32, max_attempts: u32, max_elapsed_ms: u32, base_ms: u32) {
            if let Some(client) = Rc::get_mut(&mut self.0) {
                client.concurrency = concurrency;
                client.retry = RetryOptions { max_attempts, max_elapsed_ms, base_ms, ..RetryOptions::default() };
            }
        }

        /// Posts a message, and gives it up when the signal is aborted.
        pub fn post(&self, content: String, thread: String, uuid: String, signal: Option<AbortSignal>) -> Promise {
            let client = Rc::clone(&self.0);
            future_to_promise(async move {
                let end = async {
                    match &signal {
                        None => pending().await,
                        Some(signal) if signal.aborted() => {}
                        Some(signal) => {
                            let aborted = Promise::new(&mut |resolve, _| signal.set_onabort(Some(&resolve)));
                            let _ = JsFuture::from(aborted).await;
                        }
                    }
                };
                let message = ChatMessage::builder().content(content).external_thread_id(thread).uuid(uuid).build();
                let message = message.map_err(|error| error.to_string())?;
                Ok(client.post_until(&message, PostOptions::default(), end).await?.into())
            })
        }
    }
}
