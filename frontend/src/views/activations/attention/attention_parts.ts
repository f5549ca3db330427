/** What shows attention, with its styles: loaded only where there is attention. */

import { addStyle } from "../../../theme/theme";
import css from "./attention.css?inline";

addStyle(css);

export { AttentionBody } from "./attention_body";
export { AttentionView } from "./attention_view";
