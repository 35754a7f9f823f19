const PATHS = {
	list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
	bin: "M4.5 7h15M10 11v6M14 11v6M6.5 7l.8 12a1.5 1.5 0 0 0 1.5 1.4h6.4a1.5 1.5 0 0 0 1.5-1.4l.8-12M9 7V5a1 1 0 0 1 1-1h4a1 1 0 0 1 1 1v2",
	chart: "M4 20h16M7 16v-5M12 16V6M17 16v-8",
	settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
	plus: "M12 5v14M5 12h14",
	close: "m6 6 12 12M18 6 6 18",
	search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM20 20l-4-4",
	filter: "M4 6h16M7 12h10M10 18h4",
	check: "m5 12.5 4.5 4.5L19 7.5",
	chevron: "m9 6 6 6-6 6",
	repeat: "M4 11V9a3 3 0 0 1 3-3h12l-3-3M20 13v2a3 3 0 0 1-3 3H5l3 3",
	bell: "M6 16V11a6 6 0 1 1 12 0v5l1.5 2h-15zM10 21h4",
	calendar: "M5 6h14v14H5zM5 10h14M9 3v4M15 3v4",
	flag: "M6 21V4M6 5h11l-2 3.5L17 12H6",
	grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
	menu: "M4 7h16M4 12h16M4 17h16",
	restore: "M5 12a7 7 0 1 0 2.2-5.1L5 9M5 4v5h5",
	up: "M12 19V5M6 11l6-6 6 6",
	down: "M12 5v14M6 13l6 6 6-6",
	code: "m8 7-5 5 5 5M16 7l5 5-5 5",
	branch: "M7 5v8a4 4 0 0 0 4 4h8M15 13l4 4-4 4",
	pencil: "m5 19 1-4L16.5 4.5l3 3L9 18z",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: what it stands for is always said in words beside it, or as the name of its button. */
export function Icon({ name, className = "size-5" }: { name: IconName; className?: string }) {
	return (
		<svg
			viewBox="0 0 24 24"
			aria-hidden="true"
			className={`shrink-0 fill-none stroke-current stroke-[1.7] ${className}`}
			strokeLinecap="round"
			strokeLinejoin="round"
		>
			<path d={PATHS[name]} {...(name === "grip" ? { strokeWidth: 2.6 } : {})} />
		</svg>
	);
}
