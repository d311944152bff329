//! The WebAssembly binary of Skydesk's frontend.

fn main() {
    frontend::start();
}
