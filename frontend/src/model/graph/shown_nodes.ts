/** What is drawn in place of nodes, of which some are in closed groups. */

/** What knows which node is drawn in place of each. */
export interface Standing {
  shown(node: number): number;
}

/** Works it out anew only when the scene or the nodes are others. */
export class ShownNodes {
  private scene: Standing | null = null;
  private nodes: ReadonlySet<number> = new Set();
  private standing: ReadonlySet<number> = new Set();

  of(scene: Standing, nodes: ReadonlySet<number>): ReadonlySet<number> {
    if (scene !== this.scene || nodes !== this.nodes) {
      this.scene = scene;
      this.nodes = nodes;
      this.standing = new Set(Array.from(nodes, (node) => scene.shown(node)));
    }
    return this.standing;
  }
}
