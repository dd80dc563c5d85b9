//! A poster for JavaScript, made of the Rust client: what `tests/node/fetch.test.js` runs. `cargo xtask test` builds it.

#![allow(missing_docs, reason = "an example")]

#[cfg(target_arch = "wasm32")]
mod poster {
    use std::rc::Rc;

    use flowdock_integration::fetch::FetchClient;
    use flowdock_integration::{ChatMessage, Client, ClientOptions, PostOptions, RetryOptions};
    use js_sys::Promise;
    use wasm_bindgen::JsValue;
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen_futures::future_to_promise;

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

        pub fn post(&self, content: String, thread: String, uuid: String) -> Promise {
            let client = Rc::clone(&self.0);
            future_to_promise(async move {
                let message = ChatMessage::builder().content(content).external_thread_id(thread).uuid(uuid).build();
                let message = message.map_err(|error| error.to_string())?;
                Ok(client.post(&message, PostOptions::default()).await?.into())
            })
        }
    }
}
