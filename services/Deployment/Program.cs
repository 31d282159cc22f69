return await ModelGarden.Hosting.GardenService.RunAsync(ModelGarden.Deployment.DeploymentModule.Definition, args);
