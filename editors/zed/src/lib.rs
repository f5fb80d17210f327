//! Starts Grammared's language server, which must be on the PATH, and passes the settings on.

use zed_extension_api::{self as zed, serde_json, settings::LspSettings, Result};

struct Grammared;

impl zed::Extension for Grammared {
    fn new() -> Self {
        Grammared
    }

    fn language_server_command(
        &mut self,
        _server: &zed::LanguageServerId,
        worktree: &zed::Worktree,
    ) -> Result<zed::Command> {
        let command = worktree.which("grammared").ok_or_else(|| {
            "there is no command grammared on the PATH; run: pipx install grammared".to_string()
        })?;
        Ok(zed::Command {
            command,
            args: vec!["serve".into(), "--stdio".into()],
            env: worktree.shell_env(),
        })
    }

    fn language_server_workspace_configuration(
        &mut self,
        server: &zed::LanguageServerId,
        worktree: &zed::Worktree,
    ) -> Result<Option<serde_json::Value>> {
        let settings = LspSettings::for_worktree(server.as_ref(), worktree)?.settings;
        Ok(settings.map(|ours| serde_json::json!({ "grammared": ours })))
    }
}

zed::register_extension!(Grammared);
