import { Command } from 'commander';
import { deleteCommand } from './delete';
import { listCommand } from './list';
import { registerCommand } from './register';
import { reportsCommand } from './reports';
import { rotateCommand } from './rotate';

/** The commands about how the platform reaches the gateway. All but a rotation, which lasts, are done at once, by this process. */
export function webhookCommand(): Command {
  const webhook = new Command('webhook').description(
    "register, list, rotate and delete the platform's subscriptions, and read how deliveries ended",
  );
  const commands = [registerCommand(), listCommand(), reportsCommand(), rotateCommand(), deleteCommand()];
  for (const command of commands) webhook.addCommand(command.exitOverride());
  return webhook;
}
