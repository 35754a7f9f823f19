"use client";

import { type ReactNode, useEffect, useState } from "react";
import { applyTheme, readTheme, type Theme } from "@/lib/theme";
import { DeleteAccount } from "./delete-account";
import { ExportTasks } from "./export-tasks";
import { ImportTasks } from "./import-tasks";

export function SettingsPage() {
	return (
		<>
			<h1 className="font-display text-3xl tracking-tight">Settings</h1>
			<Part title="Colours">
				<ThemeChoice />
			</Part>
			<Part title="Export" text="All tags and tasks, those in the trash as well, as a file that is yours.">
				<ExportTasks />
			</Part>
			<Part
				title="Import"
				text="A file that was exported here. All of it comes in, or, where a line is wrong, none."
			>
				<ImportTasks />
			</Part>
			<Part
				title="Delete my account"
				text="Your tasks, your tags, your sessions and you. There is no way back."
			>
				<DeleteAccount />
			</Part>
		</>
	);
}

function Part({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
	const id = `settings-${title.toLowerCase().replaceAll(" ", "-")}`;
	return (
		<section
			aria-labelledby={id}
			className="grid gap-x-8 gap-y-4 border-b border-line py-7 last:border-b-0 sm:grid-cols-[13rem_minmax(0,1fr)]"
		>
			<div>
				<h2 id={id} className="font-medium">
					{title}
				</h2>
				{text && <p className="mt-1 text-sm leading-relaxed text-soft">{text}</p>}
			</div>
			<div className="min-w-0">{children}</div>
		</section>
	);
}

const THEMES: [Theme, string][] = [
	["system", "As the system"],
	["light", "Light"],
	["dark", "Dark"],
];

function ThemeChoice() {
	const [theme, setTheme] = useState<Theme>("system");
	// What the server has put on the page, which the first rendering does not know.
	useEffect(() => setTheme(readTheme(document.documentElement.dataset.theme)), []);
	return (
		<fieldset className="flex flex-wrap gap-x-6">
			<legend className="sr-only">Colours</legend>
			{THEMES.map(([value, label]) => (
				<label key={value} className="flex min-h-9 cursor-pointer items-center gap-2.5">
					<input
						type="radio"
						name="theme"
						className="size-4.5 accent-accent"
						checked={theme === value}
						onChange={() => {
							setTheme(value);
							applyTheme(value, document);
						}}
					/>
					{label}
				</label>
			))}
		</fieldset>
	);
}
