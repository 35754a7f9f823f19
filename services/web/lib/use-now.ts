"use client";

import { useEffect, useState } from "react";

/** The time, anew every so often. */
export function useNow(every = 30_000): Date {
	const [now, setNow] = useState(() => new Date());
	useEffect(() => {
		const timer = setInterval(() => setNow(new Date()), every);
		return () => clearInterval(timer);
	}, [every]);
	return now;
}
