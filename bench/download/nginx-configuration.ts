import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Writes a configuration that serves the folder from one process, without a log. @returns its path */
export async function writeNginxConfiguration(folder: string, port: number): Promise<string> {
  const path = join(folder, 'nginx.conf');
  await writeFile(path, configuration(folder, port));
  return path;
}

function configuration(folder: string, port: number): string {
  return `
daemon off;
master_process off;
error_log stderr;
pid ${folder}/nginx.pid;
events {}
http {
  ${TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  access_log off;
  sendfile on;
  tcp_nopush on;
  server {
    listen 127.0.0.1:${port};
    root ${folder};
    location /records/ { default_type application/json; }
    location /files/ { default_type application/zip; }
  }
}
`;
}
