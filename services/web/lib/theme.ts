/** Light, dark, or as the system has it. A cookie, so that the server's first answer has the right colours already. */
export type Theme = "system" | "light" | "dark";

export const THEME_COOKIE = "theme";

export function readTheme(value: string | undefined): Theme {
	return value === "light" || value === "dark" ? value : "system";
}

/** Sets it on this page at once, and for the next ones by the cookie. */
export function applyTheme(theme: Theme, page: Document) {
	const life = theme === "system" ? 0 : 365 * 86_400;
	page.cookie = `${THEME_COOKIE}=${theme}; Path=/; Max-Age=${life}; SameSite=Lax`;
	if (theme === "system") delete page.documentElement.dataset.theme;
	else page.documentElement.dataset.theme = theme;
}
