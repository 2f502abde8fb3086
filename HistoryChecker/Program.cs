using HistoryChecker;

return CheckCommand.Run(args, Console.Out, Console.Error);
