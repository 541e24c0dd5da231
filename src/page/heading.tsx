import { useEffect, useRef } from 'preact/hooks';
import { usePage } from './page.ts';

interface HeadingProps {
  readonly over: string;
  readonly title: string;
  readonly after: string;
  readonly id: string;
}

/** What is looked at now, and the way back. It takes the focus when it is opened, so that reading goes on from here. */
export function Heading({ over, title, after, id }: HeadingProps) {
  const { route, search } = usePage();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, [id]);
  return (
    <header class="heading">
      <a class="back" href={`/${route.view}${search}`} data-back>
        ← <span>All {route.view}</span>
      </a>
      <p class="over">{over}</p>
      <h2 ref={heading} tabIndex={-1}>
        {title} <span class="muted">{after}</span>
      </h2>
    </header>
  );
}
