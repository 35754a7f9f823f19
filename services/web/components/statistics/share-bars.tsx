interface Bar {
	name: string;
	value: number;
	color: string;
}

/** Bars whose names and numbers stand beside them: the picture says nothing that the text does not. */
export function ShareBars({ bars, of }: { bars: Bar[]; of: number }) {
	const most = Math.max(1, of);
	return (
		<ul className="grid gap-3">
			{bars.map(({ name, value, color }) => (
				<li key={name}>
					<p className="flex justify-between gap-3 text-sm">
						<span className="truncate">{name}</span>
						<span className="text-soft tabular-nums">{value}</span>
					</p>
					<svg
						viewBox="0 0 100 3"
						preserveAspectRatio="none"
						aria-hidden="true"
						className="mt-1 h-1.5 w-full"
					>
						<rect width="100" height="3" className="fill-sunken" />
						<rect width={(value / most) * 100} height="3" fill={color} />
					</svg>
				</li>
			))}
		</ul>
	);
}
