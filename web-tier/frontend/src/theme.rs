//! Light, dark, or as the system has it; kept in the browser.

use std::rc::Rc;

use yew::prelude::*;

use crate::browser;

const KEPT_AS: &str = "skydesk.theme";

/// The reader's choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::Auto, Theme::Light, Theme::Dark];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// As the style sheet calls it; `None` leaves it to the system.
    fn sheet(self) -> Option<&'static str> {
        match self {
            Theme::Auto => None,
            Theme::Light => Some("skydesk-light"),
            Theme::Dark => Some("skydesk-dark"),
        }
    }

    fn kept() -> Self {
        let name = browser::kept(KEPT_AS);
        Self::ALL.into_iter().find(|it| Some(it.name()) == name.as_deref()).unwrap_or_default()
    }
}

impl Reducible for Theme {
    type Action = Theme;

    fn reduce(self: Rc<Self>, chosen: Theme) -> Rc<Self> {
        browser::keep(KEPT_AS, chosen.name());
        Rc::new(chosen)
    }
}

pub type ThemeHandle = UseReducerHandle<Theme>;

#[derive(Debug, Properties, PartialEq)]
pub struct ThemeProviderProps {
    pub children: Html,
}

/// Applies the theme and lets everything inside change it.
#[component]
pub fn ThemeProvider(props: &ThemeProviderProps) -> Html {
    let theme = use_reducer_eq(Theme::kept);
    use_effect_with(*theme, |theme| browser::set_root("data-theme", theme.sheet()));
    html! { <ContextProvider<ThemeHandle> context={theme}>{ props.children.clone() }</ContextProvider<ThemeHandle>> }
}
