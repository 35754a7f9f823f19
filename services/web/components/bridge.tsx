/** A gate, and the bridge down in front of it. */
export function BridgeMark({ className }: { className?: string }) {
	return (
		<svg viewBox="0 0 32 32" className={className} aria-hidden="true">
			<rect width="32" height="32" rx="8" className="fill-accent" />
			<g
				className="stroke-on-accent"
				fill="none"
				strokeWidth="2"
				strokeLinecap="round"
				strokeLinejoin="round"
			>
				<path d="M8 21.5V8h3.5v2.5h2.75V8h3.5v2.5h2.75V8H24v13.5" />
				<path d="M13 21.5v-3.5a3 3 0 0 1 6 0v3.5M5 25h22" />
			</g>
		</svg>
	);
}

/** The picture on the landing page: two towers, the bridge down between them, and somebody's token on its way. */
export function BridgeScene({ className }: { className?: string }) {
	return (
		<svg viewBox="0 0 480 250" className={className} aria-hidden="true">
			<g className="fill-accent-wash">
				<circle cx="352" cy="66" r="34" />
				<path d="M104 224q22.5-10 45 0t45 0 45 0 45 0 45 0 43 0v8q-22.5 10-43 0t-45 0-45 0-45 0-45 0-45 0z" />
				<path d="M149 242q22.5-9 45 0t45 0 45 0 45 0v6q-22.5 9-45 0t-45 0-45 0-45 0z" />
			</g>
			<g className="fill-card stroke-ink" strokeWidth="2.5" strokeLinejoin="round">
				<path d="M44 206V66h-8V46h16v10h14V46h20v10h14V46h16v20h-8v140z" />
				<path d="M372 206V92h-8V74h15v9h13v-9h18v9h13v-9h15v18h-8v114z" />
			</g>
			<g className="fill-sunken stroke-ink" strokeWidth="2.5" strokeLinejoin="round">
				<path d="M62 206v-44a14 14 0 0 1 28 0v44z" />
				<path d="M390 206v-36a12 12 0 0 1 24 0v36z" />
			</g>
			<g className="stroke-ink" fill="none" strokeWidth="2.5" strokeLinecap="round">
				<path d="M70 92v18M82 92v18M396 112v16M408 112v16" />
				<path d="M28 207h424" className="stroke-edge" />
				<path d="M108 92 190 200M372 118 300 200" strokeDasharray="1 7" />
			</g>
			<g className="fill-accent">
				<path d="M104 201h272v10H104z" />
			</g>
			<g className="stroke-card" strokeWidth="2">
				<path d="M136 201v10M168 201v10M200 201v10M232 201v10M264 201v10M296 201v10M328 201v10M360 201v10" />
			</g>
			<g transform="translate(212 155)">
				<rect width="66" height="36" rx="8" className="fill-card stroke-accent" strokeWidth="2.5" />
				<g className="fill-accent">
					<rect x="11" y="15" width="10" height="6" rx="3" />
					<rect x="28" y="15" width="10" height="6" rx="3" />
					<rect x="45" y="15" width="10" height="6" rx="3" />
					<circle cx="24.5" cy="20.5" r="1.4" />
					<circle cx="41.5" cy="20.5" r="1.4" />
				</g>
			</g>
		</svg>
	);
}
