// Omnisight.Command is a request to the core; a command of the command line is a verb here.
global using CliVerb = System.CommandLine.Command;
