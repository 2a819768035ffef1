/** A worker that itself uses the surface client, as the digitizer worker does; for surface.browser.test.ts. */

import { sphereCloud } from './poisson/shapes.ts';
import { createSurfaceClient } from './surface-client.ts';

const { stats } = await createSurfaceClient().reconstruct(sphereCloud(5000), { depth: 6 }, () => {});
self.postMessage({ boundaryEdges: stats.boundaryEdges, components: stats.components });
