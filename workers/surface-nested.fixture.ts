/** A worker that itself uses the surface client, as the digitizer worker does; for surface.browser.test.ts. */

import { createSurfaceClient } from '../src/client/surface-client.ts';
import { sphereCloud } from './poisson/shapes.ts';

const { stats } = await createSurfaceClient().reconstruct(sphereCloud(5000), { depth: 6 }, () => {});
self.postMessage({ boundaryEdges: stats.boundaryEdges, components: stats.components });
