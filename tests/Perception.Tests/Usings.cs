global using Omnisight;
global using Omnisight.TestKit;
global using Shouldly;
global using Xunit;
