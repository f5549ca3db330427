/** The mark of a training: a drawing and a colour, with its name. */

import { Icon, type IconName } from "../../components/icons";
import type { VerdictMark } from "../../model/dynamics/verdicts";

const MARKS: Record<VerdictMark, { icon: IconName; name: string }> = {
  broken: { icon: "warning", name: "looks broken" },
  unusual: { icon: "note", name: "unusual" },
  fine: { icon: "check", name: "nothing unusual" },
  unknown: { icon: "dash", name: "not judged" },
};

/** The drawing; its name is for screen readers. */
export function VerdictIcon({ mark }: { mark: VerdictMark }) {
  const { icon, name } = MARKS[mark];
  return (
    <span class={`kv-verdict-icon kv-verdict-${mark}`}>
      <Icon name={icon} />
      <span class="kv-visually-hidden">{name}: </span>
    </span>
  );
}
